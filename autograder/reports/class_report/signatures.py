"""Misconceptions: the tests that a student fails, compared with the tests that fail on each chaff.

For each task, a student's *signature* is the set of hidden tests that fail. Tests without a final outcome are left out
of both sides of a comparison, and so is a task that the student left as released. These rules name a signature:

1. A chaff explains a student when the two sets are equal in every task in which the chaff fails a test. A chaff whose
   tests are a part of those of another that also explains the student is left out.
2. A signature that is still unexplained is named by the chaffs that change this task's own answer and whose tests in
   this task are equal to it: the student may have other mistakes elsewhere.
3. What is left is unmatched. When two or more students share it, it is a candidate for a new chaff. A task in which
   every failing test was skipped is left out here: its cause lies elsewhere.

Chaffs that cannot be told apart by these tests name a misconception together.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from autograder.grading.outcome import Outcome
from autograder.reports.class_report.data import CODES, NO_TEST, Chaff, ClassData, Task

Signature = tuple[str, frozenset[str]]
"""A task, and the hidden tests in it that fail."""
TOGETHER = "+"

_FAULTS = [code for outcome, code in CODES.items() if outcome.students_fault]
_NOT_FINAL = [CODES[Outcome.PENDING], CODES[Outcome.BROKEN], NO_TEST]


@dataclass(frozen=True)
class Misconception:
    """A misconception that chaffs name: the chaffs, the task in which it is made, the students."""

    id: str
    task: str
    chaffs: tuple[Chaff, ...]
    tests: frozenset[str]
    students: tuple[str, ...]


@dataclass(frozen=True)
class Unmatched:
    """A signature that no chaff has: the task, the tests, the students."""

    id: str
    task: str
    tests: frozenset[str]
    students: tuple[str, ...]


def identifier(task: str, about: Iterable[str], kind: str = "") -> str:
    """A short name that is the same in every run."""
    digest = hashlib.sha256("\0".join((task, kind, *sorted(about))).encode(errors="surrogateescape"))
    return f"{task}-{kind}{digest.hexdigest()[:8]}"


class Explainer:
    """Compares signatures with the chaffs of one sprint."""

    def __init__(self, tasks: Iterable[Task], task_of: Mapping[str, str], chaffs: Iterable[Chaff]) -> None:
        self._chaffs = tuple(chaffs)
        self._sets = {chaff.name: _by_task(chaff.caught_by, task_of) for chaff in self._chaffs}
        self._homes = {chaff.name: _homes(chaff, tasks, self._sets[chaff.name]) for chaff in self._chaffs}

    def home(self, chaff: Chaff, tasks: Iterable[str]) -> str:
        """The task in which a misconception is made: one whose answer the chaff changes."""
        known = [task for task in tasks if task in self._homes[chaff.name]]
        return known[0] if known else next(iter(self._sets[chaff.name]), "")

    def explain(
        self, failing: Mapping[str, frozenset[str]], final: frozenset[str]
    ) -> tuple[list[tuple[Chaff, ...]], list[Signature]]:
        """The misconceptions behind a student's signatures, and the signatures that remain unmatched.

        Parameters
        ----------
        failing
            the failing hidden tests by task, only of tasks that were attempted
        final
            the hidden tests with a final outcome, only of tasks that were attempted
        """
        full = [chaff for chaff in self._chaffs if self._fits(chaff, failing, final)]
        full = [chaff for chaff in full if not any(chaff.caught_by & final < other.caught_by & final for other in full)]
        found = _grouped((chaff, chaff.caught_by & final) for chaff in full)
        explained = {task for chaff in full for task in self._sets[chaff.name]}
        unmatched = []
        for task, tests in failing.items():
            if task in explained:
                continue
            here = [
                chaff
                for chaff in self._chaffs
                if task in self._homes[chaff.name] and self._sets[chaff.name].get(task, frozenset()) & final == tests
            ]
            if here:
                found.append(tuple(here))
            else:
                unmatched.append((task, tests))
        return found, unmatched

    def _fits(self, chaff: Chaff, failing: Mapping[str, frozenset[str]], final: frozenset[str]) -> bool:
        sets = {task: tests & final for task, tests in self._sets[chaff.name].items()}
        return any(sets.values()) and all(failing.get(task, frozenset()) == tests for task, tests in sets.items())


def explain_all(data: ClassData) -> tuple[list[Misconception], list[Unmatched]]:
    """The misconceptions of a class and its unmatched signatures, those with the most students first."""
    explainer = Explainer(data.tasks, {test.name: test.task for test in data.tests}, data.chaffs)
    named: dict[tuple[str, ...], list[int]] = defaultdict(list)
    unmatched: dict[Signature, list[int]] = defaultdict(list)
    chaffs = {chaff.name: chaff for chaff in data.chaffs}
    known: dict[bytes, tuple[list[tuple[Chaff, ...]], list[Signature]]] = {}
    hidden = np.array([test.hidden for test in data.tests], dtype=bool)
    columns = {task.id: place for place, task in enumerate(data.tasks)}
    task_column = np.array([columns.get(test.task, 0) for test in data.tests], dtype=int)
    counted = hidden & data.attempted[:, task_column] if len(data.tests) else np.zeros_like(data.outcomes, dtype=bool)
    failing = np.isin(data.outcomes, _FAULTS) & counted
    final = ~np.isin(data.outcomes, _NOT_FINAL) & counted
    skipped = (data.outcomes == CODES[Outcome.SKIPPED]) & counted
    for row in range(len(data.students)):
        key = failing[row].tobytes() + final[row].tobytes()
        if key not in known:
            sets: dict[str, set[str]] = defaultdict(set)
            for column in np.flatnonzero(failing[row]):
                sets[data.tests[column].task].add(data.tests[column].name)
            names = frozenset(data.tests[column].name for column in np.flatnonzero(final[row]))
            known[key] = explainer.explain({task: frozenset(tests) for task, tests in sets.items()}, names)
        for together in known[key][0]:
            named[tuple(chaff.name for chaff in together)].append(row)
        follows = {data.tests[column].name for column in np.flatnonzero(skipped[row])}
        for signature in known[key][1]:
            if not signature[1] <= follows:
                unmatched[signature].append(row)
    order = [task.id for task in data.tasks]
    misconceptions = [
        _misconception(explainer, tuple(chaffs[name] for name in names), order, _ids(data, rows))
        for names, rows in named.items()
    ]
    rest = [
        Unmatched(identifier(task, tests), task, tests, _ids(data, rows)) for (task, tests), rows in unmatched.items()
    ]
    return (
        sorted(misconceptions, key=lambda one: (-len(one.students), one.id)),
        sorted(rest, key=lambda one: (-len(one.students), one.id)),
    )


def _misconception(
    explainer: Explainer, together: tuple[Chaff, ...], order: list[str], students: tuple[str, ...]
) -> Misconception:
    name = TOGETHER.join(chaff.name for chaff in together)
    home = explainer.home(together[0], order)
    return Misconception(name, home, together, together[0].caught_by, students)


def _ids(data: ClassData, rows: list[int]) -> tuple[str, ...]:
    return tuple(sorted({data.students[row].id for row in rows}))


def _by_task(tests: Iterable[str], task_of: Mapping[str, str]) -> dict[str, frozenset[str]]:
    sets: dict[str, set[str]] = defaultdict(set)
    for test in tests:
        sets[task_of.get(test) or test.partition("::")[0].removeprefix("test_").removesuffix(".py")].add(test)
    return {task: frozenset(names) for task, names in sets.items()}


def _homes(chaff: Chaff, tasks: Iterable[Task], sets: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The tasks whose answers a chaff changes and whose tests catch it; all tasks that catch it if there is none."""
    changed = {task.id for task in tasks if set(task.answers) & set(chaff.cells)}
    return frozenset(changed & set(sets)) or frozenset(sets)


def _grouped(found: Iterable[tuple[Chaff, frozenset[str]]]) -> list[tuple[Chaff, ...]]:
    """Chaffs that fail the same tests, together."""
    groups: dict[frozenset[str], list[Chaff]] = defaultdict(list)
    for chaff, tests in found:
        groups[tests].append(chaff)
    return [tuple(sorted(chaffs, key=lambda chaff: chaff.name)) for chaffs in groups.values()]
