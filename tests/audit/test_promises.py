"""Does the ledger name each promise without a test and each test without a promise, in one line?"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.audit.promises import LEDGER, ledger, sentences
from autograder.audit.structure import all_tests, examine
from autograder.authoring.pairing import ROOT, script_path
from autograder.course.sprint import find_sprint, slugs
from tests.support.sprints_made import SLUG, make_sprint, replace, sprint_in

DOC = """Compute a thing.

    It is new.
    The old one stays; nobody
    sees it.

    Parameters (all of them)
    ----------
    x : int, at least 1
        Never changed. Whether it is
        copied is your choice.

    Returns
    -------
    int
    """


def path_in(root: Path) -> Path:
    return script_path(SLUG, root).with_name(LEDGER)


def test_the_sentences_of_a_docstring() -> None:
    """No heading is one; a parameter and what is said of it are two."""
    assert sentences(DOC) == [
        "Compute a thing.", "It is new.", "The old one stays; nobody", "sees it.", "x : int, at least 1",
        "Never changed.", "Whether it is copied is your choice.", "int",
    ]  # fmt: skip


def test_the_ledger_of_a_new_sprint_is_complete(tmp_path: Path) -> None:
    make_sprint(tmp_path)
    found = ledger(SLUG, tmp_path, all_tests(sprint_in(tmp_path)))
    assert found.findings == ()
    assert str(found) == "promises with a test: 3 of 3; statements that promise nothing: 0"
    assert [one.id for one in found.promises] == ["mean.value", "mean.shape", "mean.empty"]
    path_in(tmp_path).unlink()
    assert ledger(SLUG, tmp_path, {"test_a.py::test_b"}).findings == (), "a sprint may have none"


VALUE, TEST = "the mean of all elements of `x`", "test_first_task.py::test_empty_is_refused"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (VALUE, "the mean of most elements", "mean.value: the text no longer says 'the mean of most elements'"),
        ("empty = {", "[lost]\nempty = {", "lost.empty: no solution cell has a docstring of 'lost'"),
        (TEST, TEST + "d", f"mean.empty names {TEST}d, which does not exist"),
        (TEST, "test_first_task.py::test_mean_of_all_elements", f"{TEST}: rests on no promise"),
        (
            "shape = { says", "shape = { free = '', says",
            "",
        ),
        ("shape = { says", "shape = { free = 'of two kinds', says", "mean.shape: exactly one of tests, free, untested"),
        ("shape = { says", "shape = { why = 'x', says", "mean.shape: an entry has 'says', a quote, and one of"),
        ("shape = {", "[mean.shape]\nmore = {", "mean.shape: an entry has 'says', a quote, and one of"),
        ("[mean]", "[mean", "Expected"),
        ("[mean]", "mean = 1\n[other]", "'mean' stands in no table: begin one with [FUNCTION]"),
        (
            'shape = { says = "array of any shape, dtype float64 -> number"', 'shape = { says = "Raises"',
            "the docstring of mean says what no entry quotes: 'x: array of any shape, dtype float64 -> number'",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_line_each(tmp_path: Path, old: str, new: str, says: str) -> None:
    make_sprint(tmp_path)
    replace(path_in(tmp_path), old, new)
    found = [str(finding) for finding in examine(sprint_in(tmp_path), tmp_path)]
    assert all("\n" not in finding for finding in found)
    assert any(says in finding for finding in found) if says else not found
    assert all(str(path_in(tmp_path)) in finding or TEST in finding for finding in found)


def test_a_docstring_that_changes_needs_its_ledger(tmp_path: Path) -> None:
    make_sprint(tmp_path)
    replace(
        script_path(SLUG, tmp_path), "Raises ValueError when `x` is empty.", "An empty `x` has no mean: ValueError."
    )
    said = [finding.what for finding in ledger(SLUG, tmp_path, all_tests(sprint_in(tmp_path))).findings]
    assert said == [
        "mean.empty: the text no longer says 'Raises ValueError when `x` is empty.': quote what it says now",
        "the docstring of mean says what no entry quotes: 'An empty `x` has no mean: ValueError.'",
    ]


@pytest.mark.parametrize("slug", slugs())
def test_every_promise_of_this_course_has_a_test(slug: str) -> None:
    assert ledger(slug, ROOT, all_tests(find_sprint(slug))).untested == []


def test_what_is_not_tested_yet_is_counted_and_reported(tmp_path: Path) -> None:
    make_sprint(tmp_path)
    with path_in(tmp_path).open("a") as file:
        file.write('\n[text]\nsum = { says = "the sum of its elements", untested = "that it is a sum" }\n')
        file.write('number = { says = "over their number", free = "tested as a whole" }\n')
    found = ledger(SLUG, tmp_path, all_tests(sprint_in(tmp_path)))
    assert found.findings == ()
    assert str(found) == "promises with a test: 3 of 4; statements that promise nothing: 1"
    assert [str(finding) for finding in found.untested] == [
        "text.sum: no test holds 'the sum of its elements': that it is a sum"
    ]
