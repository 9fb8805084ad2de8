"""Tops of pages of feedback, made from results and graded cells by hand."""

from __future__ import annotations

from typing import Any

from autograder.grading.causes import Cause
from autograder.grading.outcome import Outcome
from autograder.grading.results import CellResult, Results, TestResult, WrittenAnswer
from autograder.grading.shown import ShownExample
from autograder.reports.student_page.page import Lateness, Top
from autograder.reports.student_page.tasks import GradedCell
from tests.support.builders import code, graded, notebook, solution, text

NOTEBOOK = notebook(
    text("# Two tasks", "title"),
    solution("solve_double", "def double(x):\n    return x / 0"),
    graded("double", 2),
    solution("solve_half", "def half(x):\n    return x"),
    graded("half", 1),
    text("an answer", "essay"),
    code("print('the end')", "end"),
)
WHERE = "Where:\n    In [1], line 2, in double\n        return x / 0"
for count, place in enumerate((1, 2, 3, 4), 1):
    NOTEBOOK.cells[place].execution_count = count


def result(
    task: str, outcome: str = "passed", message: str = "", *, title: str = "", worth: float = 1.0,
    example: ShownExample | None = None,
) -> TestResult:  # fmt: skip
    """One test of a task."""
    points = worth if outcome == "passed" else 0.0
    name, title = f"test_{task}.py::{title}", title or f"{task} works"
    return TestResult(name, title, Outcome(outcome), points, worth, message, example=example)


def cells(double: float = 2, half: float = 1, essay: float | None = None, **about: Any) -> list[GradedCell]:
    """The graded cells with these points; ``about``: more of the last one."""
    made: list[dict[str, Any]] = [
        {"name": "double", "title": "Task 1: double", "place": 2, "points": double, "max_points": 2, "answer": 1},
        {"name": "half", "title": "Task 2: half", "place": 4, "points": half, "max_points": 1, "answer": 3},
    ]
    if essay is not None:
        written = {"name": "essay", "title": "Task 3: say why", "place": 5, "points": essay, "max_points": 4}
        made.append(written | {"waits": not essay, "by_hand": True})
    made[-1] |= about
    return [GradedCell(**cell) for cell in made]


def results(double: list[TestResult], half: list[TestResult] | None = None, *causes: Cause) -> Results:
    """The results of the two tested tasks, and of an answer that somebody has to read."""
    tested = [CellResult("double", 2.0, double), CellResult("half", 1.0, half or [result("half")])]
    return Results("s", "n", [*tested, WrittenAnswer("essay", 4.0, answered=True)], causes=causes)


def top(graded_cells: list[GradedCell], ended: Results | None, late: Lateness | None = None, penalty: float = 0) -> Top:
    """The top of a page."""
    return Top.of("doubling", graded_cells, NOTEBOOK, ended, late or Lateness(), penalty)
