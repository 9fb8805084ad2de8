"""Are misconceptions named when, and only when, the failing tests are a chaff's?"""

from __future__ import annotations

from autograder.reports.class_report.common import messages_of, signatures_of
from tests.support.class_data import by_tests, chaff

TESTS = {"add": ("plus", "minus"), "use": ("once", "twice")}
CHAFFS = [
    chaff("no_minus", "add/minus", "use/twice", cells=["solve_add"]),
    chaff("no_plus", "add/plus", cells=["solve_add"]),
    chaff("careless", "use/once", "use/twice", cells=["solve_use"]),
]


def named(students: dict[str, str], **more: object) -> dict[str, tuple[str, ...]]:
    known, _ = signatures_of(by_tests(students, TESTS, chaffs=CHAFFS, **more))  # type: ignore[arg-type]
    return {one.id: one.group.students for one in known}


def candidates(students: dict[str, str], **more: object) -> list[tuple[str, tuple[str, ...]]]:
    _, rest = signatures_of(by_tests(students, TESTS, chaffs=CHAFFS, **more))  # type: ignore[arg-type]
    return [(one.task, one.group.students) for one in rest]


def test_equal_sets_name_the_misconception_in_the_instructors_words() -> None:
    known, rest = signatures_of(by_tests({"ada": "PFPF", "bob": "PPPP", "eve": "PFPF"}, TESTS, chaffs=CHAFFS))
    (one,) = known
    assert (one.id, one.task, one.group.students, one.attempted) == ("no_minus", "add", ("ada", "eve"), 3)
    assert one.chaffs == (("no_minus", "What is wrong with no_minus.", ""),)
    assert rest == ()


def test_one_test_more_or_fewer_is_another_signature() -> None:
    assert named({"ada": "FFPP", "bob": "PPPF"}) == {}


def test_errors_timeouts_and_crashes_fail_too() -> None:
    assert named({"ada": "EPPP", "bob": "TPPP", "eve": "CPPP"}) == {"no_plus": ("ada", "bob", "eve")}


def test_another_mistake_elsewhere_does_not_hide_a_misconception_in_its_own_task() -> None:
    """In `use` more fails than the chaff says, so only its own task is equal."""
    assert named({"ada": "PFFF"}) == {"no_minus": ("ada",), "careless": ("ada",)}


def test_two_mistakes_are_two_misconceptions() -> None:
    assert named({"ada": "FPFF"}) == {"no_plus": ("ada",), "careless": ("ada",)}


def test_a_consequence_in_another_task_is_no_misconception_of_its_own() -> None:
    """`use/twice` fails because of `add`; without the mistake in `add`, nothing names it."""
    assert named({"ada": "PPPF"}) == {}


def test_chaffs_that_fail_the_same_tests_are_named_together() -> None:
    twins = [chaff("one", "add/plus", cells=["solve_add"]), chaff("other", "add/plus", cells=["solve_add"])]
    (found,), _ = signatures_of(by_tests({"ada": "FPPP"}, TESTS, chaffs=twins))
    assert found.id == "one+other"
    assert [name for name, _, _ in found.chaffs] == ["one", "other"]


def test_a_chaff_within_another_is_left_out() -> None:
    """Whoever fails all tests of the larger one fails those of the smaller one too."""
    both = [chaff("small", "add/minus", cells=["solve_add"]), chaff("large", "add/minus", "use/twice")]
    (found,), _ = signatures_of(by_tests({"ada": "PFPF"}, TESTS, chaffs=both))
    assert found.id == "large"


def test_what_is_not_final_is_left_out_of_both_sides() -> None:
    assert named({"ada": "PFPW", "bob": "PFPB"}) == {"no_minus": ("ada", "bob")}


def test_a_task_left_as_released_has_no_misconception() -> None:
    students = {"ada": "FPFF", "bob": "FPFF"}
    assert named(students, attempted={"ada": [False, True], "bob": [False, False]}) == {"careless": ("ada",)}
    assert candidates({"ada": "FFPP", "bob": "FFPP"}, attempted={"ada": [False, True]}) == []


def test_unmatched_sets_of_two_students_are_candidates() -> None:
    assert candidates({"ada": "FFPP", "bob": "FFPP", "eve": "PPPF"}) == [("add", ("ada", "bob"))]


def test_a_candidate_shows_the_message_that_most_have() -> None:
    said = {("ada", "plus"): "it is …", ("bob", "plus"): "it is …", ("bob", "minus"): "other"}
    _, (one,) = signatures_of(by_tests({"ada": "FFPP", "bob": "FFPP"}, TESTS, said=said))
    assert one.message == "it is …"


def test_ids_are_the_same_in_every_run() -> None:
    def ids(students: dict[str, str]) -> list[str]:
        return [one.id for one in signatures_of(by_tests(students, TESTS))[1]]

    assert ids({"ada": "FFPP", "bob": "FFPP"}) == ids({"zoe": "FFPP", "yan": "FFPP", "x": "PPPP"}) == ["add-45404cba"]


def test_the_public_check_is_no_part_of_a_signature() -> None:
    tests = {"add": ("plus",)}
    data = by_tests({"ada": "F", "bob": "F"}, tests, chaffs=[chaff("no_plus", "add/plus")])
    (public,) = by_tests({"ada": "F"}, {"add": ("x",)}).tests
    check = type(public)("test_add.py::public_check", "add", "The public check", "", 0.0)
    import numpy as np

    data.tests = (*data.tests, check)
    data.outcomes = np.hstack([data.outcomes, data.outcomes])
    data.said = np.hstack([data.said, data.said])
    data.seconds = np.hstack([data.seconds, data.seconds])
    (found,), rest = signatures_of(data)
    assert (found.id, rest) == ("no_plus", ())


# common messages


def test_messages_of_two_students_in_a_task_are_common() -> None:
    said = {
        ("ada", "plus"): "no …", ("ada", "minus"): "no …", ("bob", "minus"): "no …", ("eve", "minus"): "alone",
        ("eve", "once"): "no …",
    }  # fmt: skip
    (found,) = messages_of(by_tests({"ada": "FFPP", "bob": "PFPP", "eve": "PFFP"}, TESTS, said=said))
    assert (found.task, found.text, found.group.students) == ("add", "no …", ("ada", "bob"))
    assert found.tests == ("test_add.py::test_minus", "test_add.py::test_plus")
    assert found.id.startswith("add-m")


def test_messages_of_what_was_not_attempted_are_left_out() -> None:
    said = {("ada", "plus"): "NotImplementedError", ("bob", "plus"): "NotImplementedError"}
    data = by_tests({"ada": "FPPP", "bob": "FPPP"}, TESTS, said=said, attempted={"ada": [False, True]})
    assert messages_of(data) == ()
