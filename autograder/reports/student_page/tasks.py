"""The tasks of a notebook as the page shows them: points from the gradebook, tests from the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from autograder.grading.outcome import Outcome
from autograder.grading.results import Cell, Results, TestResult
from autograder.reports.rows import rows_of
from autograder.reports.student_page.message import Message, parts_of
from autograder.reports.student_page.source import Excerpt, Sources

ROUNDING = 1e-9


class State(StrEnum):
    """What a task's points mean; the value is the key of the words."""

    PASSED = "passed"
    LOST = "lost"
    PERSON = "person"
    MACHINE = "machine"
    OURS = "ours"

    @property
    def final(self) -> bool:
        """Whether nothing is waited for."""
        return self in (State.PASSED, State.LOST)


@dataclass(frozen=True)
class GradedCell:
    """A graded cell as the gradebook has it.

    Attributes
    ----------
    name
        its name in nbgrader, which is the task's
    title
        the heading above it, or its name
    place
        its index in the notebook; None if the notebook lacks it
    answer
        the index of the cell in which the student answers; None if that is this cell, or there is none
    points, max_points
        what counts now
    waits
        whether the gradebook says that a person has to look, and nobody has
    by_hand
        whether only a person can give the points
    decided
        whether a person has given the points
    comment
        what was said about it
    """

    name: str
    title: str
    place: int | None
    points: float
    max_points: float
    waits: bool = False
    by_hand: bool = False
    decided: bool = False
    comment: str = ""
    answer: int | None = None


@dataclass(frozen=True)
class Test:
    """One test, or several that were skipped together."""

    __test__ = False

    result: TestResult
    message: Message
    excerpt: Excerpt | None = None

    @property
    def failed(self) -> bool:
        """Whether it shows something that the student can mend."""
        return self.result.outcome.students_fault

    @property
    def public(self) -> bool:
        """Whether it is the check in the notebook, which has no points."""
        return not self.result.max_points


@dataclass(frozen=True)
class Task:
    """A task of the page. ``found``: the points that the tests found, if a person changed them."""

    cell: GradedCell
    number: int
    state: State
    tests: Sequence[Test] = field(default=())
    found: float | None = None


def tasks_of(cells: Sequence[GradedCell], results: Results | None, sources: Sources) -> list[Task]:
    """The tasks, in the order of the cells; one for which there are no results has no tests."""
    ended = {cell.id: cell for cell in results.cells} if results else {}
    return [_task(cell, number, ended.get(cell.name), sources) for number, cell in enumerate(cells, 1)]


def _task(cell: GradedCell, number: int, ended: Cell | None, sources: Sources) -> Task:
    tests = list(_tests(ended, sources)) if ended is not None and not ended.by_hand else []
    changed = bool(tests) and cell.decided and ended is not None and abs(cell.points - ended.points) > ROUNDING
    return Task(cell, number, _state(cell, ended), tests, ended.points if changed and ended else None)


def _state(cell: GradedCell, ended: Cell | None) -> State:
    if not cell.decided:
        outcomes = {test.outcome for test in ended.tests} if ended else set()
        if Outcome.BROKEN in outcomes or (ended is not None and ended.status == "broken"):
            return State.OURS
        if Outcome.PENDING in outcomes:
            return State.MACHINE
        if cell.waits:
            return State.PERSON
    return State.PASSED if cell.points >= cell.max_points - ROUNDING else State.LOST


def _tests(ended: Cell, sources: Sources) -> Iterator[Test]:
    for row in rows_of(ended):
        silent = row.outcome in (Outcome.PASSED, Outcome.BROKEN)  # of a broken test it is about the hidden grader
        message = parts_of("" if silent else row.message.strip())
        frame = message.frame
        place = sources.executed(frame.count) if frame else None
        excerpt = sources.excerpt(place, frame.line, frame.function, counted=True) if frame else None
        yield Test(row, message, excerpt)


def by_state(tasks: Sequence[Task]) -> Mapping[State, list[Task]]:
    """The tasks that are not final, by what they wait for."""
    return {state: [task for task in tasks if task.state is state] for state in State if not state.final}
