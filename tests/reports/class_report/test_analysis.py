"""Does a report count those whom its definitions count, and nobody else?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.reports.class_report.analysis import analyse
from autograder.reports.class_report.data import Student, Task
from autograder.reports.class_report.page import sprint_page
from autograder.reports.class_report.statistics import Correlation
from autograder.reports.class_report.values import FEW, Group
from tests.support.class_data import NAN, by_scores, by_tests, chaff, shuffled

SIX = [[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]]


def test_the_fixture_of_six_students() -> None:
    report = analyse(by_scores(SIX))
    assert report.reliability == pytest.approx(0.8333, abs=5e-5)
    assert [task.discrimination.value for task in report.tasks] == pytest.approx(
        [0.5331, 0.7462, 0.7809, 0.6124], abs=5e-5
    )
    assert [task.efficiency for task in report.tasks] == pytest.approx([1, 1, 1, 1])
    assert [task.facility for task in report.tasks] == pytest.approx([5 / 6, 4 / 6, 3 / 6, 2 / 6])
    assert (report.zero.students, report.full.students) == (("s005",), ("s000", "s004"))
    assert [one.group.count for one in report.bins] == [1, 0, 1, 0, 0, 1, 0, 1, 0, 2]


def test_one_student() -> None:
    report = analyse(by_scores([[1, 0]]))
    assert (report.spread.mean, report.spread.deviation, report.reliability) == (1, None, None)
    assert [task.discrimination.value for task in report.tasks] == [None, None]
    assert [task.facility for task in report.tasks] == [1, 0]


def test_two_students() -> None:
    report = analyse(by_scores([[1, 1], [0, 0]]))
    assert report.tasks[0].discrimination == Correlation(pytest.approx(1), None, None, 2)
    assert [one.mean for one in report.tasks[0].fifths] == [0, None, 1, None, None]


def test_everybody_right() -> None:
    report = analyse(by_scores([[2, 3]] * 24, [2, 3]))
    assert (report.spread.mean, report.spread.deviation, report.spread.at_full) == (5, 0, 24)
    assert report.reliability is None
    assert [(task.facility, task.discrimination.value, task.efficiency) for task in report.tasks] == [
        (1, None, None)
    ] * 2
    assert (report.full.count, report.surprises, report.progress) == (24, (), None)


def test_nobody_handed_in() -> None:
    absent = tuple(Student(f"s{n}") for n in range(3))
    report = analyse(by_scores([], [2, 3], absent=absent, needs={"not_handed_in": ("s0", "s1", "s2")}))
    assert (report.handed_in, report.absent, report.counted, report.maximum) == (0, 3, 0, 5)
    assert (report.spread.mean, report.reliability, report.bins) == (None, None, ())
    assert [task.facility for task in report.tasks] == [None, None]
    assert report.needs[0].group == Group(3, ("s0", "s1", "s2"))
    assert "–" in sprint_page(report, "en")


def test_what_is_not_final_is_missing_and_not_zero() -> None:
    """Its students are in no mean of that task, and have no total."""
    report = analyse(by_scores([[1, 1], [1, NAN], [0, 1]]))
    one, other = report.tasks
    assert (one.facility, one.count) == (pytest.approx(2 / 3), 3)
    assert (other.facility, other.count, other.missing) == (1, 2, Group(1, ("s001",)))
    assert (report.counted, report.spread.mean) == (2, 1.5)
    assert report.students[1].total is None


def test_pending_and_broken_tests_are_missing() -> None:
    report = analyse(by_tests({"ada": "PW", "bob": "PB", "eve": "PF"}, {"add": ("plus",), "gpu": ("run",)}))
    (test,) = report.tasks[1].tests
    assert (test.ended["not_final"], test.ended["failed"].students) == (Group(2, ("ada", "bob")), ("eve",))
    assert (test.facility, test.graded, test.count) == (0, 1, 3)


def test_a_task_that_nobody_has_points_for_is_left_out_of_the_total() -> None:
    """As when all of its tests wait for a GPU."""
    report = analyse(by_scores([[1, NAN], [0, NAN]], [1, 4]))
    assert (report.maximum, report.counted, report.spread.mean) == (1, 2, 0.5)
    assert [task.in_total for task in report.tasks] == [True, False]
    assert report.tasks[1].discrimination.value is None


def test_what_was_not_attempted_stands_apart() -> None:
    """It is 0 in the facility, and no failure of a test."""
    students = {"ada": "PP", "bob": "EE"}
    report = analyse(by_tests(students, {"add": ("plus", "minus")}, attempted={"bob": [False]}))
    (task,) = report.tasks
    assert (task.facility, task.not_attempted.students) == (0.5, ("bob",))
    assert {end: group.students for end, group in task.tests[0].ended.items() if group.count} == {
        "passed": ("ada",), "not_attempted": ("bob",),
    }  # fmt: skip


def test_tests_have_facility_and_item_rest() -> None:
    students = {"a": "PPP", "b": "PPF", "c": "PFF", "d": "FFF"}
    tests = analyse(by_tests(students, {"add": ("one", "two", "three")})).tasks[0].tests
    assert [test.facility for test in tests] == [0.75, 0.5, 0.25]
    x, rest = np.array([1, 1, 1, 0.0]), np.array([2, 1, 0, 0.0])
    assert tests[0].discrimination.value == pytest.approx(np.corrcoef(x, rest)[0, 1])


def test_points_that_a_person_changed_are_not_those_of_the_tests() -> None:
    data = by_tests({"ada": "P", "bob": "F", "eve": "F"}, {"add": ("plus",)})
    data.scores[2, 0], data.by_person[2, 0] = 1.0, True
    (task,) = analyse(data).tasks
    assert (task.facility, task.tests[0].facility, task.tests[0].graded) == (pytest.approx(2 / 3), 0.5, 2)


@pytest.mark.parametrize(("value", "count", "flag"), [
    (-0.1, 6, "negative"), (0.1, FEW - 1, ""), (0.1, FEW, "weak"), (0.2, FEW, ""), (None, 100, ""),
])  # fmt: skip
def test_below_25_students_only_a_negative_one_is_flagged(value: float | None, count: int, flag: str) -> None:
    task = analyse(by_scores(SIX)).tasks[0]
    assert replace(task, discrimination=Correlation(value, count=count)).flag == flag


def test_progress_is_shown_where_somebody_handed_in_again() -> None:
    progress = analyse(by_scores(SIX, attempts={"s000": (1.0, 3.0), "s001": (3.0, 2.0, 2.5), "s002": (2.0,)})).progress
    assert progress is not None
    assert (progress.first, progress.last, progress.again.students) == (2, 2.75, ("s000", "s001"))
    assert (progress.better.students, progress.worse.students) == (("s000",), ("s001",))


# who to talk to first


def test_a_strong_student_who_lost_an_easy_task_is_listed() -> None:
    """Five with a lower total have task 1 in full; s005 has everything but that."""
    report = analyse(by_scores([[1, 0, 0, 0]] * 5 + [[0, 1, 1, 1]]))
    (one,) = report.surprises
    assert (one.student, one.total, one.tasks) == ("s005", 3, (("task1", 0, 1, 5, 5),))


def test_four_others_are_too_few() -> None:
    assert analyse(by_scores([[1, 0, 0, 0]] * 4 + [[0, 1, 1, 1]])).surprises == ()


def test_half_of_the_others_is_too_few() -> None:
    rows = [[1, 0, 0, 0]] * 5 + [[0, 1, 0, 0]] * 5 + [[0, 1, 1, 1]]
    assert analyse(by_scores(rows)).surprises == ()


def test_those_who_lost_the_most_come_first() -> None:
    rows = [[1, 3, 0, 0]] * 10 + [[0, 3, 1, 1]] + [[1, 0, 9, 9]]
    assert [one.student for one in analyse(by_scores(rows, [1, 3, 9, 9])).surprises] == ["s011", "s010"]


@settings(deadline=None, max_examples=15)
@given(
    st.lists(st.text("PFETCWB", min_size=4, max_size=4), min_size=1, max_size=14),
    st.randoms(use_true_random=False),
)
def test_the_order_of_students_changes_nothing(rows: list[str], random: object) -> None:
    """Every value of the report, and the page."""
    tests = {"add": ("plus", "minus"), "use": ("once", "twice")}
    said = {(f"s{n:02}", "plus"): f"message {n % 3}" for n, row in enumerate(rows) if row[0] in "FETC"}
    data = by_tests(
        {f"s{n:02}": row for n, row in enumerate(rows)}, tests, said=said,
        chaffs=[chaff("no_minus", "add/minus", cells=["solve_add"])],
    )  # fmt: skip
    places = list(range(len(rows)))
    random.shuffle(places)  # type: ignore[attr-defined]
    one, other = analyse(data), analyse(shuffled(data, places))
    assert sprint_page(one, "en") == sprint_page(other, "en")
    for part in ("needs", "bins", "misconceptions", "candidates", "messages", "surprises", "students"):
        assert getattr(one, part) == getattr(other, part)


def test_tasks_by_hand_are_tasks_too() -> None:
    data = by_scores([[1, 2], [0, 1]], [1, 2])
    data.tasks = (data.tasks[0], Task("essay", 2.0, True, ("essay",)))
    assert [task.by_hand for task in analyse(data).tasks] == [False, True]
