"""Does a graded notebook show scores, and nothing that could be taken for one?"""

from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import IgnorePattern, LimitOutput
from nbgrader.utils import determine_grade

from autograder.grading.results import CellResult, Results, TestResult
from autograder.reports.scored import with_scores
from tests.support.builders import graded, notebook, solution


@pytest.fixture
def graders(tmp_path):
    (tmp_path / "test_double.py").touch()
    return tmp_path


@pytest.fixture
def executed() -> NotebookNode:
    """A notebook whose cells printed what a forger would print."""
    nb = notebook(solution("solve_double", "def double(x): ..."), graded("double", 2), graded("stock", 1))
    for cell in nb.cells:
        cell.outputs = [
            new_output("stream", name="stderr", text="a warning\n"),
            new_output("execute_result", {"text/plain": "1000.0"}),
            new_output("error", ename="E", evalue="e", traceback=["mine"]),
        ]
    return nb


def results(points: float, outcome: str = "passed") -> Results:
    return Results("s", "s", [CellResult("double", 2.0, [TestResult("t", "A title", outcome, points, 2.0, "why")])])


@pytest.mark.parametrize("points", [0.0, 0.3, 1.7, 2.0])
def test_a_grade_cell_shows_its_score_only(executed, graders, points):
    """Does nbgrader's own rule read exactly the score, whatever the cell printed?"""
    nb = with_scores(executed, results(points), graders)
    assert len(nb.cells[1].outputs) == 1
    assert determine_grade(nb.cells[1]) == (points, 2.0)


def test_solutions_and_stock_grade_cells_keep_their_outputs(executed, graders):
    """Is the student's own traceback still there, and nbgrader's rule for cells without hidden tests?"""
    nb = with_scores(executed, results(2.0), graders)
    assert len(nb.cells[0].outputs) == 3
    assert determine_grade(nb.cells[2]) == (0, 1.0)


def test_a_cell_without_a_result_is_not_free(executed, graders):
    """Would a grade cell that printed nothing count in full?"""
    nb = with_scores(executed, Results("s", "s", []), graders)
    assert determine_grade(nb.cells[1]) == (0.0, 2.0)
    assert "Not final" in nb.cells[1].outputs[0].data["text/html"]


@pytest.mark.parametrize("cut", [LimitOutput(max_lines=1, max_traceback=1), IgnorePattern(pattern=".", enabled=True)])
def test_nbgraders_limits_leave_the_score(executed, graders, cut):
    nb = with_scores(executed, results(1.7), graders)
    cell, _ = cut.preprocess_cell(nb.cells[1], {}, 1)
    assert determine_grade(cell) == (1.7, 2.0)
