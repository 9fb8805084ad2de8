"""Do all forms show a cause before the tests, and what was skipped because of it as one row?"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from junitparser import Failure, JUnitXml, Skipped
from rich.console import Console

from autograder.grading.causes import Cause
from autograder.grading.outcome import Outcome
from autograder.grading.results import CellResult, Results, TestResult
from autograder.reports.annotations import code_quality, workflow_commands
from autograder.reports.gradescope import gradescope
from autograder.reports.html import only_scores, render
from autograder.reports.junit import junit_xml
from autograder.reports.markdown import markdown
from autograder.reports.rows import rows_of, skipped_because
from autograder.reports.terminal import show_results

CAUSE = Cause.of("raised", cell=3, task="a", line=4, answer="solve_a", error="IndentationError: unexpected indent")
SAID = "cell 3 (task `a`), line 4: IndentationError: unexpected indent"
NOTEBOOK = Path("n.ipynb")


def results(skipped: int = 9, passed: int = 1) -> Results:
    lost = [
        TestResult(f"test_a.py::{i}", f"Title {i}", Outcome.SKIPPED, 0, 1, f"{CAUSE.message}\nown {i}")
        for i in range(skipped)
    ]
    fine = [TestResult(f"test_a.py::p{i}", "Fine", Outcome.PASSED, 1, 1) for i in range(passed)]
    check = TestResult("test_a.py::public_check", "The public check", Outcome.SKIPPED, 0, 0, CAUSE.message)
    cell = CellResult("a", skipped + passed, [check, *lost, *fine], CAUSE.text)
    return Results("s", "n", [cell], causes=(CAUSE,))


def terminal(verbose: bool) -> str:
    screen = io.StringIO()
    show_results(results(), Console(file=screen, width=200, soft_wrap=True), verbose=verbose)
    return screen.getvalue()


def test_nine_skipped_tests_are_one_row_with_all_their_points() -> None:
    first, fine = rows_of(results().cells[0])
    assert (first.title, first.outcome, first.max_points) == ("9 tests of this task", "skipped", 9)
    assert first.message.splitlines()[0] == CAUSE.message
    assert "- Title 8" in first.message
    assert fine.outcome == "passed"
    assert skipped_because(results()) == {SAID: 9}


def test_two_causes_are_two_rows() -> None:
    other = TestResult("test_a.py::o", "Other", Outcome.SKIPPED, 0, 1, "Skipped: another")
    cell = results(2).cells[0]
    rows = list(rows_of(CellResult("a", 4, [*cell.rows, other])))
    assert [row.max_points for row in rows] == [2, 1, 1]


def test_every_form_begins_with_the_cause() -> None:
    for text in (terminal(False), terminal(True)):
        assert text.splitlines()[1] == f"  ✗ {SAID} – 9 tests were skipped because of it"
    assert "cell 3 \\(task \\`a\\`\\), line 4\\: IndentationError" in markdown(results()).partition("| task |")[0]
    document = gradescope(results())
    assert document["tests"][0]["output"].startswith(SAID)
    assert document["score"] == sum(test.get("score", 0) for test in document["tests"]) == 1
    assert sum(test.get("max_score", 0) for test in document["tests"]) == 10
    assert [test["status"] for test in document["tests"]] == ["failed", "failed", "passed"]
    (issue,) = json.loads(code_quality(results(), NOTEBOOK))
    assert SAID in issue["description"]
    (command,) = workflow_commands(results(), NOTEBOOK)
    assert command.startswith("::error ")
    assert SAID in command.replace("%3A", ":")
    html = render(results().cells[0])
    assert html.count("<li>") == 2
    assert only_scores(html)
    assert SAID in html.replace("&#x27;", "'")


def test_a_suite_of_skipped_tests_is_not_green() -> None:
    """GitLab and Jenkins call a suite without failures passed."""
    xml = JUnitXml.fromstring(junit_xml(results(passed=0)))
    assert (xml.tests, xml.failures, xml.skipped) == (11, 1, 10)
    (suite,) = xml
    first, *rest = suite
    assert [type(result) for result in first.result] == [Failure]
    assert {type(result) for case in rest for result in case.result} == {Skipped}


def test_the_terminal_has_one_line_for_each_task() -> None:
    assert "– a  1/10  1 passed, 9 skipped" in terminal(False)
    assert "own 3" not in terminal(False)
    assert "Title 3" in terminal(True)


def test_the_words_are_in_the_courses_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_LANGUAGE", "ja")
    assert terminal(False).startswith("まずここを直してください:")
