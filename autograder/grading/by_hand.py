"""Answers that a person grades: nbgrader's manually graded cells, which are both solution and grade cells, and tasks.

No test decides them. They are `pending` until a person has read them in the formgrader. A written answer gets 0 points
if nothing was written, as in nbgrader's gradebook. What belongs to a task nobody but the person can see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nbformat import NotebookNode

from autograder.grading.results import Cell, CellResult, WrittenAnswer
from autograder.notebook.cells import grade_id, is_task, is_written_answer, points


def with_answers(cells: Iterable[CellResult], notebook: NotebookNode) -> list[Cell]:
    """The results of a notebook's cells in notebook order, including the answers that a person grades."""
    known = {cell.id: cell for cell in cells}
    return list(_in_order(known, notebook))


def _in_order(known: dict[str, CellResult], notebook: NotebookNode) -> Iterator[Cell]:
    for cell in notebook.cells:
        name = grade_id(cell) or ""
        if name in known:
            yield known[name]
        elif is_written_answer(cell):
            yield _written(name, cell)
        elif is_task(cell):
            yield WrittenAnswer(name, points(cell), answered=True)


def _written(name: str, cell: NotebookNode) -> WrittenAnswer:
    """The result of a written answer. nbgrader decides whether anything was written beyond the released text."""
    from nbgrader.utils import determine_grade  # here, because the import takes half a second and few sprints need it

    score, worth = determine_grade(cell)
    return WrittenAnswer(name, worth, answered=score is None)
