"""What to do first: the cause, otherwise the first property that does not hold, otherwise what was marked down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.grading.outcome import Outcome
from autograder.grading.results import Results
from autograder.grading.shown import ShownExample
from autograder.reports.rows import skipped_because
from autograder.reports.student_page.source import Excerpt, Sources
from autograder.reports.student_page.tasks import State, Task, Test


@dataclass(frozen=True)
class Step:
    """Something to do.

    Attributes
    ----------
    text
        what it is
    said
        what came of it; empty if the text says it all
    cell, place
        the number of its cell in Jupyter, or 0, and its place in the notebook, or None
    task
        the task that it belongs to
    skipped
        how many hidden tests were skipped because of it
    excerpt
        the student's lines
    hint, example
        what the grader's author advises, and a public example
    """

    text: str
    said: str = ""
    cell: int = 0
    place: int | None = None
    task: Task | None = None
    skipped: int = 0
    excerpt: Excerpt | None = None
    hint: str = ""
    example: ShownExample | None = None


def steps_of(tasks: Sequence[Task], results: Results | None, sources: Sources, words: Mapping[str, str]) -> list[Step]:
    """The causes in their order; without one that cost points, first what shows best where they were lost.

    A cause that skipped no test and belongs to no task, such as a cell to try something out, comes last. Where no
    points were lost nothing is to do.
    """
    lost = [task for task in tasks if task.state is State.LOST]
    if not lost:
        return []
    causes = _causes(tasks, results, sources) if results else []
    cost = [step for step in causes if step.skipped or step.task]
    rest = [step for step in causes if not (step.skipped or step.task)]
    return [*(cost or [_first_loss(lost, words)]), *rest]


def _first_loss(lost: Sequence[Task], words: Mapping[str, str]) -> Step:
    """The first property that does not hold; where no test shows one, the first task that was marked down."""
    for task in lost:
        failed = [test for test in task.tests if test.failed and test.result.outcome is not Outcome.SKIPPED]
        first = next((test for test in failed if not test.public), next(iter(failed), None))
        if first is not None:
            return _property(task, first)
    task = lost[0]  # a check in the cell decided, or a person
    by_person = task.cell.by_hand or task.cell.decided
    said = words["read_comment"] if task.cell.comment else words["by_hand" if by_person else "see_cell"]
    return Step(task.cell.title, said, place=task.cell.place, task=task)


def _causes(tasks: Sequence[Task], results: Results, sources: Sources) -> list[Step]:
    by_name = {task.cell.name: task for task in tasks}
    counts, steps = skipped_because(results), []
    for cause in results.causes:
        task = by_name.get(cause.task)
        if task is not None and task.state is State.PASSED:
            continue  # a person gave the points
        shown = next((test for test in task.tests if test.result.name == cause.test), None) if task else None
        if task is not None and shown is not None and not cause.cell:
            steps.append(_property(task, shown))
            continue
        place = sources.place(cause.cell) if cause.cell else task.cell.place if task else None
        excerpt = sources.excerpt(place, cause.line) if cause.cell else None
        steps.append(Step(cause.text, "", cause.cell, place, task, counts[cause.text], excerpt))
    return steps


def _property(task: Task, test: Test) -> Step:
    said = next((line for line in test.message.said if line.strip()), "")
    hint = "\n".join(test.message.hint)
    step = Step(test.result.title, said, task=task, hint=hint, example=test.result.example)
    if test.excerpt:
        return replace(step, cell=test.excerpt.cell, place=test.excerpt.place, excerpt=test.excerpt)
    return replace(step, place=task.cell.answer if task.cell.answer is not None else task.cell.place)
