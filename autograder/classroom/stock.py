"""Assignments without hidden graders in a class: which there are, and their results by nbgrader's rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import determine_grade

from autograder.bridge import partial_credit
from autograder.course.sprint import Sprint
from autograder.errors import BadInput
from autograder.grading.by_hand import with_answers
from autograder.grading.outcome import Outcome
from autograder.grading.results import Cell, CellResult, Results, TestResult
from autograder.notebook.cells import cells_with_tests, grade_id

RULES = "nbgrader"
"""The name of a cell's only test, whose rules are nbgrader's."""


def assignment(slug: str, coursedir: CourseDirectory, graders: Path, unknown: BadInput) -> Sprint:
    """An assignment without hidden graders, as a sprint whose folder of graders is empty or absent.

    Its "release" is the instructor's source, which holds the hidden tests of its cells.

    Raises
    ------
    BadInput
        ``unknown``, when the course has no source of this name.
    """
    source = Path(coursedir.format_path(coursedir.source_directory, ".", slug))
    notebooks = sorted(source.glob("*.ipynb")) if slug else []
    if not notebooks:
        raise unknown
    return Sprint(slug, graders / slug, notebooks[0])


def stock_results(slug: str, notebooks: Mapping[str, NotebookNode], graded_with: str) -> Results:
    """The results of executed notebooks by name: one test for each tested cell.

    Raises
    ------
    ValueError
        when a cell's partial credit is more than the cell is worth; nbgrader does not grade such a submission.
    """
    partial_credit.install()
    cells: list[Cell] = []
    for name in sorted(notebooks):
        nb = notebooks[name]
        if len(notebooks) > 1:
            for cell in nb.cells:
                if grade_id(cell):
                    cell.metadata.nbgrader.grade_id = f"{name}: {grade_id(cell)}"
        tested = [_result(cell, nb.cells[place]) for cell, place in cells_with_tests(nb).items()]
        cells += with_answers(tested, nb)
    return Results(slug, slug, cells, graded_with)


def _result(name: str, cell: NotebookNode) -> CellResult:
    points, worth = determine_grade(cell)
    points = float(points or 0)
    said = next((f"{output.ename}: {output.evalue}" for output in cell.outputs if output.output_type == "error"), "")
    outcome = Outcome.PASSED if points >= worth else Outcome.FAILED
    test = TestResult(f"{name}::{RULES}", "The cell's tests, by nbgrader's rules", outcome, points, worth, said[:1_000])
    return CellResult(name, worth, [test])
