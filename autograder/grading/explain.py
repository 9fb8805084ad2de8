"""Finds the causes of a submission's failures, and the tests that can only fail because of them.

The cells come first: one that raised, was stopped or did not run takes with it what it would have defined. A later cell
that fails because of that is no cause of its own. A failed test is put down to

1. a cell that would have defined the name or attribute that was missing, or does so only after the test;
2. its own task's answer, if that did not run, or raised and so does the test's call;
3. an answer that is as it was released;
4. a task that it needs (``@pytest.mark.needs``), if no test of that passes;
5. an earlier test that failed at the same line of the notebook, or in the same call.

Only tests without points are touched, and they keep having none.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from nbformat import NotebookNode

from autograder.grading.causes import Cause
from autograder.grading.evidence import Failure, defined_in, failure_in, is_syntax
from autograder.grading.outcome import Outcome
from autograder.grading.results import TestResult
from autograder.notebook.cells import grade_id, is_answer, is_graded, runs

NOT_RUN = "not run: "
"""How the platform's own message begins for a cell that was not run, because the submission's time was used up."""
MAX_CELLS = 20
"""How many cells that failed are named at most, beside those that made tests be skipped."""
_STOPPED = ("TimeoutError", "KernelDied")


@dataclass(frozen=True)
class Evidence:
    """What is known about one failed test: how it failed, and the tasks that it needs."""

    failure: Failure
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Broken:
    """A cell that did not run to its end. ``nothing``: nothing of it ran."""

    cause: Cause
    nothing: bool


@dataclass
class Explainer:
    """The causes of one submission.

    Attributes
    ----------
    notebook, released
        the notebook that ran, with its outputs, and the one that students got
    places
        the grade cells with tests: their index in the notebook
    causes
        what was found, once :meth:`explain` has run
    """

    notebook: NotebookNode
    released: NotebookNode
    places: Mapping[str, int]
    causes: tuple[Cause, ...] = ()

    def __post_init__(self) -> None:
        """Look at the cells."""
        self._stubs = {name: cell.source for cell in self.released.cells if (name := grade_id(cell))}
        self._lost: dict[str, tuple[int, Cause]] = {}
        self._broken: dict[str, _Broken] = {}
        self._given = {name for source in self._stubs.values() for name in defined_in(source)}
        self._numbers = list(itertools.accumulate(map(runs, self.notebook.cells), initial=0))[1:]
        self._found: dict[str, Cause] = {}
        self._spent: dict[str, Cause] = {}
        for place, cell in enumerate(self.notebook.cells):
            if runs(cell) and not is_graded(cell):
                self._look_at(place, cell)

    @functools.cached_property
    def _defines(self) -> list[frozenset[str]]:
        """The names that each cell defines."""
        return [frozenset(defined_in(cell.source)) if runs(cell) else frozenset() for cell in self.notebook.cells]

    def explain(
        self, results: Mapping[str, list[TestResult]], evidence: Mapping[str, Evidence]
    ) -> dict[str, tuple[list[TestResult], str]]:
        """The results by grade cell, with those tests `skipped` that can only fail because of a cause; and its text."""
        found = {
            test.name: cause for task, tests in results.items() for test, cause in self._own(task, tests, evidence)
        }
        found |= self._needed(results, evidence, found)
        found |= self._alike(results, evidence, found)
        for cause in found.values():
            self._found.setdefault(cause.text, cause)
        known = sorted(self._found.values(), key=lambda cause: (not cause.cell, bool(cause.test), cause.cell))
        self.causes = (*known, *self._spent.values())
        return {
            task: (
                [_skipped(test, found.get(test.name), evidence) for test in tests],
                next((found[test.name].text for test in tests if test.name in found), ""),
            )
            for task, tests in results.items()
        }

    def _look_at(self, place: int, cell: NotebookNode) -> None:
        failure = failure_in(cell.outputs, cell.get("execution_count"))
        if failure is None:
            return
        if failure.message.startswith(NOT_RUN):
            spent = Cause.of("spent", error=failure.message.removeprefix(NOT_RUN))
            self._spent.setdefault(spent.text, spent)
            return
        name, task = grade_id(cell) or "", self._task_of(place)
        here = failure.frame is not None and failure.frame[0] == cell.get("execution_count")
        cause = self._known(place, failure)
        if cause is None:
            if self._as_released(cell) and failure.kind == "NotImplementedError":
                cause = self._cause("unanswered", place)
            elif is_answer(cell) or here or failure.kind in _STOPPED:
                line = failure.frame[1] if failure.frame and here else 0
                cause = self._cause("raised", place, line=line, error=failure.error)
                if not (set(failure.missing) & self._given and not is_answer(cell)) and len(self._found) < MAX_CELLS:
                    self._found[cause.text] = cause
            else:
                return
        for lost in {*defined_in(self._stubs.get(name, "")), *self._defines[place]}:
            self._lost.setdefault(lost, (place, cause))
        if is_answer(cell) and task:
            nothing = is_syntax(failure.kind) or failure.kind == "KernelDied"
            self._broken.setdefault(task, _Broken(cause, nothing))

    def _own(
        self, task: str, tests: list[TestResult], evidence: Mapping[str, Evidence]
    ) -> Iterator[tuple[TestResult, Cause]]:
        """The tests of a task that fail because of a cell."""
        broken = self._broken.get(task)
        for test in _failed(tests, evidence):
            failure = evidence[test.name].failure
            cause = self._known(self.places[task], failure)
            if cause is None and broken and (broken.nothing or failure.raised):
                cause = broken.cause
            cause = cause or self._unwritten(failure) or self._undefined(task, failure)
            if cause is not None:
                yield test, cause

    def _known(self, place: int, failure: Failure) -> Cause | None:
        """The cause that took away what was missing at this place of the notebook."""
        lost = (self._lost.get(name) for name in failure.missing)
        return next((found[1] for found in lost if found and found[0] < place), None)

    def _unwritten(self, failure: Failure) -> Cause | None:
        place = self._place_of(failure) if failure.kind == "NotImplementedError" else None
        if place is None or not self._as_released(self.notebook.cells[place]):
            return None
        return self._cause("unanswered", place)

    def _undefined(self, task: str, failure: Failure) -> Cause | None:
        """The cell that should define a name, if the student's notebook has it too late or not at all."""
        name = next((name for name in failure.missing if not name.startswith(".")), None)
        if name is None:
            return None
        cells, test = list(enumerate(self.notebook.cells)), self.places[task]
        for place, cell in cells[test + 1 :]:
            if runs(cell) and not is_graded(cell) and name in self._defines[place]:
                return self._cause("misplaced", place, name=name)
        for place, cell in cells[:test]:
            if is_answer(cell) and name in defined_in(self._stubs.get(grade_id(cell) or "", "")):
                return self._cause("undefined", place, name=name)
        own = [place for place, cell in cells[:test] if is_answer(cell) and self._task_of(place) == task]
        check = cells[test][1].get("execution_count")
        if own and (failure.asked or (failure.frame and failure.frame[0] == check)):
            return self._cause("undefined", own[-1], name=name)
        return None

    def _needed(
        self,
        results: Mapping[str, list[TestResult]],
        evidence: Mapping[str, Evidence],
        found: Mapping[str, Cause],
    ) -> dict[str, Cause]:
        """The tests that need a task none of whose tests passes."""
        unsolved = {}
        for task, tests in results.items():
            worth = [test for test in tests if test.max_points]
            if worth and all(test.outcome.students_fault for test in worth):
                known = (found[test.name] for test in worth if test.name in found)
                unsolved[task] = next(known, Cause.of("task", task=task))
        return {
            test.name: unsolved[needed]
            for tests in results.values()
            for test in _failed(tests, evidence)
            if test.name not in found
            for needed in evidence[test.name].needs[::-1]
            if needed in unsolved
        }

    def _alike(
        self,
        results: Mapping[str, list[TestResult]],
        evidence: Mapping[str, Evidence],
        found: Mapping[str, Cause],
    ) -> dict[str, Cause]:
        """The tests that fail as an earlier one does; a public check is put down to a hidden test, not the reverse."""
        first: dict[tuple[object, ...], TestResult] = {}
        causes: dict[tuple[object, ...], Cause] = {}
        alike: dict[str, Cause] = {}
        rows = [test for tests in results.values() for test in _failed(tests, evidence) if test.name not in found]
        for test in sorted(rows, key=lambda test: not test.max_points):
            failure = evidence[test.name].failure
            key = self._key(test, failure)
            if key is None:
                continue
            if key not in first:
                if test.max_points:
                    first[key] = test
                continue
            if key not in causes:
                causes[key] = replace(self._shared(first[key], evidence), test=first[key].name)
            alike[test.name] = causes[key]
        return alike

    def _shared(self, test: TestResult, evidence: Mapping[str, Evidence]) -> Cause:
        """The cause that the tests share which fail as this one does."""
        failure = evidence[test.name].failure
        error = failure.error if failure.kind else failure.message
        place = self._place_of(failure)
        if place is not None and failure.frame:
            function = failure.frame[2]
            inside = f" (`{function}`)" if function and function != "<module>" else ""
            return self._cause("raised", place, error=error + inside, line=failure.frame[1])
        name = failure.call.partition(".")[0]
        cells = [place for place, cell in enumerate(self.notebook.cells) if runs(cell) and not is_graded(cell)]
        defines = [place for place in cells if name in self._defines[place]]
        if defines:
            return self._cause("call", defines[0], error=error, name=failure.call)
        return Cause.of("call", error=error, name=failure.call)

    def _key(self, test: TestResult, failure: Failure) -> tuple[object, ...] | None:
        """What two tests share that fail alike; None if nothing can be said."""
        if not failure.raised:
            return None
        place = self._place_of(failure)
        if failure.frame and place is not None:
            return failure.kind, place, failure.frame[1]
        if failure.kind:
            return (failure.kind, failure.message, failure.call) if failure.call and not failure.frame else None
        return (test.outcome, failure.call) if failure.call else None

    def _cause(self, kind: str, place: int, *, line: int = 0, error: str = "", name: str = "") -> Cause:
        cell = self.notebook.cells[place]
        task = self._task_of(place) if is_answer(cell) else ""
        if line:  # IPython does not count the empty lines before the first one with code
            line += cell.source[: len(cell.source) - len(cell.source.lstrip())].count("\n")
        number = self._numbers[place] if runs(cell) else 0
        about = {"cell": number, "line": line, "task": task, "answer": grade_id(cell) or ""}
        return Cause.of(kind, error=error, name=name, **about)

    def _task_of(self, place: int) -> str:
        """The task whose grade cell comes next; empty after the last."""
        later = (name for name, graded in sorted(self.places.items(), key=lambda one: one[1]) if graded > place)
        return next(later, "")

    def _as_released(self, cell: NotebookNode) -> bool:
        return is_answer(cell) and cell.source.strip() == self._stubs.get(grade_id(cell) or "", "").strip()

    def _place_of(self, failure: Failure) -> int | None:
        """The cell of a failure's frame; None if several ran under its number, because the kernel was replaced."""
        if failure.frame is None:
            return None
        count = failure.frame[0]
        found = [place for place, cell in enumerate(self.notebook.cells) if cell.get("execution_count") == count]
        return found[0] if len(found) == 1 else None


def _failed(tests: list[TestResult], evidence: Mapping[str, Evidence]) -> Iterator[TestResult]:
    return (test for test in tests if test.outcome.students_fault and not test.points and test.name in evidence)


def _skipped(test: TestResult, cause: Cause | None, evidence: Mapping[str, Evidence]) -> TestResult:
    """The test as `skipped`; what it said itself follows the cause, unless it got nowhere."""
    if cause is None:
        return test
    said = "" if evidence[test.name].failure.missing else f"\n{test.message}"
    return replace(test, outcome=Outcome.SKIPPED, message=f"{cause.message}{said}".rstrip())
