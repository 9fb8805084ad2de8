"""Is what was put right told to the student, and what is astray to the instructor?"""

from __future__ import annotations

from autograder.notebook.cells import grade_id
from autograder.notebook.prepare import prepare
from tests.support.builders import released


def test_an_honest_submission_has_no_cell_more() -> None:
    nb = released()
    done = prepare(nb, released())
    assert len(done.notebook.cells) == len(nb.cells)
    assert (done.changes, done.astray) == ((), ())


def test_the_first_cell_says_what_was_put_right() -> None:
    nb = released()
    gone = next(cell for cell in nb.cells if grade_id(cell) == "solve_double")
    nb.cells.remove(gone)
    done = prepare(nb, released())
    assert done.changes == ("cell 'solve_double' was missing and is back, empty",)
    assert done.notebook.cells[0].source == f"**Put right before grading:**\n\n- {done.changes[0]}"
    assert done.astray == ("the cell of the answer 'solve_double' is gone; cells that were added ran in its place",)
