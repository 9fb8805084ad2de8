"""After the graders have changed: is no score touched before somebody asks, and does it say what a regrade changes?"""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.classroom.batch import autograde_class
from autograder.classroom.changes import change, show_changes
from autograder.classroom.standing import Standing, show_standing
from autograder.grading.results import CellResult, Outcome, Results, TestResult
from tests.support.classes import MAIN, copy, marks, outcome
from tests.support.courses import SLUG, python

TEST = '''
import pytest
from autograder.grading import check, value

@pytest.mark.points(1)
def test_half(student):
    """Half of a number, doubled, is the number."""
    {body}
'''
HALF_CHECK = 'check(value(student.half(2)) == 1, "half(x) + half(x) is x")'


def write_test(root: Path, cell: str, body: str) -> None:
    (root / "graders" / SLUG / f"test_{cell}.py").write_text(TEST.format(body=body))


def run(root: Path, *options: str) -> list[str]:
    """The command, and the lines it says."""
    return python(root, "-c", MAIN, "autograde", SLUG, "--workers", "2", *options).strip().splitlines()


def files(root: Path) -> dict[str, int]:
    """The files of the class and when they were written, but for the log and the lock."""
    return {
        str(path): path.stat().st_mtime_ns
        for path in (root / "course").rglob("*")
        if path.is_file() and path.name not in ("autograde.log", "autograde.lock")
    }


def test_a_regrade_says_what_changes_and_keeps_what_was_done_by_hand(
    collected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    root = copy(collected, tmp_path)
    for cell in ("faulty", "on_gpu"):
        write_test(root, cell, "pass")
    write_test(root, "half", HALF_CHECK)
    assert run(root)[-1] == "4 graded, 0 pending, 0 broken, 0 failed; 0 of them by an earlier run"
    with Gradebook(f"sqlite:///{root}/course/gradebook.db", "dl-frameworks") as gradebook:
        gradebook.find_grade("double", SLUG, SLUG, "ada").manual_score = 0.25
        gradebook.find_comment("solve_half", SLUG, SLUG, "ada").manual_comment = "see me"
        gradebook.db.commit()
    before, there, done = outcome(root), files(root), marks(root)

    write_test(root, "half", "check(False, 'nobody is right')")
    monkeypatch.setenv("AUTOGRADER_ROOT", str(root))
    left = autograde_class(SLUG)
    assert (left.already, left.outdated, marks(root)) == (4, 4, done)

    dry = run(root, "--regrade", "--dry-run")
    assert (outcome(root), files(root)) == (before, there)
    assert dry[-2:] == [
        "a dry run: nothing was written",
        "4 graded, 0 pending, 0 broken, 0 failed; 0 of them by an earlier run",
    ]

    wet = run(root, "--regrade")
    assert [line for line in dry if line not in wet] == ["a dry run: nothing was written"]
    assert "4 compared with before: 2 changed, 0 up, 2 down" in wet
    assert [line for line in wet if " ada " in line and "5 of 5" in line and "4 of 5" in line and "-1" in line]
    assert [line for line in wet if "passed, 1 of 1" in line and "failed, 0 of 1" in line]
    after = outcome(root)
    changed = {name: rows for name, rows in after.items() if name.startswith("rows") and rows != before[name]}
    assert set(changed) == {"rows of ada", "rows of noisy"}
    grades = {name: (auto, manual) for name, auto, manual, *_ in after["rows of ada"][1]}
    assert (grades["half"], grades["double"]) == ((0.0, None), (2.0, 0.25))
    assert after["rows of ada"][2] == before["rows of ada"][2]
    assert ("solve_half", None, "see me") in after["rows of ada"][2]
    assert autograde_class(SLUG, which="outdated").already == 4


def results(*tests: tuple[str, Outcome, float]) -> Results:
    cell = CellResult("c", 3.0, [TestResult(name, f"title of {name}", how, got, 1.0) for name, how, got in tests])
    return Results("s", "s", [cell])


def test_a_change_names_the_tests_that_made_it() -> None:
    """Are tests that came, went or are undecided named, and others left out?"""
    before = results(
        ("same", "passed", 1.0), ("worse", "failed", 0.0), ("gone", "passed", 1.0), ("open", "failed", 0.0)
    )
    after = results(("same", "passed", 1.0), ("worse", "error", 0.0), ("new", "passed", 1.0), ("open", "broken", 0.0))
    found = change("ada", before, after)
    assert found is not None
    assert {(test.title, test.points) for test in found.tests} == {
        ("title of gone", -1.0),
        ("title of new", 1.0),
        ("title of open", 0.0),
    }
    assert found.points == 0
    assert change("ada", before, before) is None


def test_what_is_left_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    show_standing(Standing(graded=["ada", "bob"], already=2, outdated=1), Console(soft_wrap=True))
    said = capsys.readouterr().out
    assert "1 were graded with other graders or limits: --regrade grades them again" in said


def test_changes_are_shown_without_what_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    found = change("a\x1b[2J", results(("t", "failed", 0.0)), results(("t", "passed", 1.0)))
    assert found is not None
    show_changes([found], 2, Console(width=120))
    said = capsys.readouterr().out
    assert "\x1b[2J" not in said
    assert "2 compared with before: 1 changed, 1 up, 0 down" in said
