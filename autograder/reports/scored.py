"""An executed notebook with its scores, as the student gets it back."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode

from autograder.grading.results import CellResult, Results
from autograder.notebook.cells import grade_id, is_graded, points
from autograder.notebook.tidy import encodable
from autograder.reports.html import score_output


def with_scores(nb: NotebookNode, results: Results, graders: Path) -> NotebookNode:
    """The executed notebook, with the output of each grade cell that has hidden tests replaced by its score.

    A cell with hidden tests but no result is broken: it must not count as passed because it printed nothing. A grade
    cell without hidden tests keeps its output, unless the results say that it could not be executed. Answers that a
    person grades are left alone.
    """
    cells = {cell.id: cell for cell in results.cells if isinstance(cell, CellResult)}
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = encodable(cell.outputs)
        name = grade_id(cell)
        if name and is_graded(cell) and (name in cells or (graders / f"test_{name}.py").is_file()):
            result = cells.get(name) or CellResult(name, points(cell))
            cell.outputs = [score_output(result)]
    return nb
