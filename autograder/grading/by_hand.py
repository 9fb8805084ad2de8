"""Answers that a person grades: nbgrader's manually graded cells, which are solution and grade cell in one.

No test decides them. In the results such a cell is `pending` until a person has read it in the formgrader, and 0 when
nothing was written, as in nbgrader's gradebook.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nbformat import NotebookNode

from autograder.grading.results import BY_HAND, CellResult, Outcome, TestResult
from autograder.notebook.cells import grade_id, is_written_answer

TITLE = "A person reads this answer and gives the points"
WAITING = "Waiting for a person: these points are given by hand, in the formgrader."
NO_ANSWER = "Nothing was written here."


def with_answers(cells: Iterable[CellResult], notebook: NotebookNode) -> list[CellResult]:
    """The results of a notebook's cells in its order, with those of the answers that a person grades."""
    known = {cell.id: cell for cell in cells}
    return list(_in_order(known, notebook))


def _in_order(known: dict[str, CellResult], notebook: NotebookNode) -> Iterator[CellResult]:
    for cell in notebook.cells:
        name = grade_id(cell) or ""
        if name in known:
            yield known[name]
        elif is_written_answer(cell):
            yield _result(name, cell)


def _result(name: str, cell: NotebookNode) -> CellResult:
    """Open, or 0 for what nbgrader takes for no answer: the text that was released."""
    from nbgrader.utils import determine_grade  # imports for half a second, which most sprints need not wait for

    score, worth = determine_grade(cell)
    outcome: Outcome = "pending" if score is None else "failed"
    message = WAITING if score is None else NO_ANSWER
    test = TestResult(f"{name}::{BY_HAND}", TITLE, outcome, 0.0, worth, message)
    return CellResult(name, worth, [test])
