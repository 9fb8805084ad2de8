"""Answers that a person grades: nbgrader's manually graded cells, which are solution and grade cell in one.

No test decides them. They are `pending` until a person has read them in the formgrader, and 0 when nothing was written,
as in nbgrader's gradebook.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nbformat import NotebookNode

from autograder.grading.results import Cell, CellResult, WrittenAnswer
from autograder.notebook.cells import grade_id, is_written_answer


def with_answers(cells: Iterable[CellResult], notebook: NotebookNode) -> list[Cell]:
    """The results of a notebook's cells in its order, with those of the answers that a person grades."""
    known = {cell.id: cell for cell in cells}
    return list(_in_order(known, notebook))


def _in_order(known: dict[str, CellResult], notebook: NotebookNode) -> Iterator[Cell]:
    for cell in notebook.cells:
        name = grade_id(cell) or ""
        if name in known:
            yield known[name]
        elif is_written_answer(cell):
            yield _written(name, cell)


def _written(name: str, cell: NotebookNode) -> WrittenAnswer:
    """nbgrader decides whether anything was written: the released text alone is no answer."""
    from nbgrader.utils import determine_grade  # imports for half a second, which most sprints need not wait for

    score, worth = determine_grade(cell)
    return WrittenAnswer(name, worth, answered=score is None)
