"""With which of the course's seeds an audit grades, and which tests run again with the others."""

from __future__ import annotations

from collections.abc import Iterable

from nbformat import NotebookNode

from autograder.authoring.variants import Variant
from autograder.notebook.cells import cells_with_tests, grade_id
from autograder.notebook.places import task_at

SEEDS = tuple(f"audit {n}" for n in range(20))
FEW_SEEDS = SEEDS[:3]
"""For ``--fast``, and for tests that a wrong solution does not name: they accept it."""


def about(chaff: Variant, released: NotebookNode, tests: Iterable[str]) -> dict[str, int]:
    """With how many other seeds the tests run that a wrong solution is about.

    Those that it names run with all seeds. The others of the tasks in which it is wrong run with a few.
    """
    graded = cells_with_tests(released)
    changed = (place for place, cell in enumerate(released.cells) if grade_id(cell) in chaff.cells)
    files = {f"test_{task_at(place, graded)}.py" for place in changed}
    few = {test: len(FEW_SEEDS) - 1 for test in tests if test.partition("::")[0] in files}
    return few | dict.fromkeys(chaff.caught_by, len(SEEDS) - 1)
