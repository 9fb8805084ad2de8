"""Checks that causes come first: with one answer of the reference broken, each test that fails is put down to it.

All other answers are right, so with that answer mended every test runs and passes. What fails under its own name would
send a student to the wrong place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.audit.findings import Finding
from autograder.authoring.variants import Variant
from autograder.grading.outcome import Outcome
from autograder.grading.results import Results
from autograder.notebook.cells import cells_with_tests, grade_id, is_answer, runs
from autograder.notebook.places import task_at

NEVER_CLOSED = "\n("
"""At the end of a cell, it makes a SyntaxError of the whole cell."""


@dataclass(frozen=True)
class Broken:
    """One broken answer, to be filled in over the reference, and the task that it belongs to."""

    solution: Variant
    task: str


def broken_answers(released: NotebookNode, solved: Variant) -> Iterator[Broken]:
    """The reference's code cells, each once as text that does not parse and once as it was released."""
    graded = cells_with_tests(released)
    for place, cell in enumerate(released.cells):
        name = grade_id(cell)
        task = task_at(place, graded)
        if name in solved.cells and runs(cell) and is_answer(cell) and task:
            for how, source in (("does not parse", solved.cells[name] + NEVER_CLOSED), ("is as released", cell.source)):
                yield Broken(Variant(f"{name} {how}", "", (), {name: source}), task)


def of_causes(broken: Broken, results: Results) -> Iterator[Finding]:
    """The tests that fail with a broken answer and are not put down to it, or to its task."""
    reasons = {
        cause.message
        for cause in results.causes
        if cause.answer in broken.solution.cells or (cause.task == broken.task and not cause.cell)
    }
    failed = (test for test in results.tests if test.outcome.students_fault)
    for test in failed:
        first = test.message.partition("\n")[0]
        if test.outcome is not Outcome.SKIPPED or first not in reasons:
            advice = f"if it builds on that task, mark it or its file: @pytest.mark.needs({broken.task!r})"
            yield Finding(broken.solution.name, f"{test.name} is not put down to it; {advice}; it says: {first}")
