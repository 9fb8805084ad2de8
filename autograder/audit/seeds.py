"""With which of the course's seeds an audit grades, which tests run again with the others, and which again alone."""

from __future__ import annotations

from collections.abc import Iterable

from nbformat import NotebookNode

from autograder.audit.gradings import BySeed, caught_by
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


def doubtful(by_seed: BySeed) -> list[str]:
    """The seeds with which a solution fails other tests than with the first, and the first; none if all agree.

    With these a test ran where it had run before, in the same process and the same folder, and the examples ran last:
    a solution that keeps something there is judged otherwise than a submission, whose tests run once.
    """
    first, *others = by_seed
    usual = caught_by(by_seed[first])
    apart = [seed for seed in others if caught_by(by_seed[seed]) != usual]
    return [first, *apart] if apart else []
