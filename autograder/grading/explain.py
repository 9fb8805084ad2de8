"""Finds the tests of a submission that can only fail because of something else, and names that as the cause.

The cells come first (:mod:`autograder.grading.broken_cells`). A failed test is put down to

1. a cell that would have defined the name or attribute that was missing, or does so only after the test;
2. its own task's answer, if that did not run, or raised and so does the test's call;
3. an answer that is as it was released; a public check of such a task too, however it fails;
4. a task that it needs (``@pytest.mark.needs``), if no test of that passes;
5. an earlier test that failed at the same line of the notebook, or in the same call.

Only tests without points are touched, and they keep having none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from autograder.grading.broken_cells import BrokenCells
from autograder.grading.causes import Cause
from autograder.grading.evidence import Failure
from autograder.grading.outcome import Outcome
from autograder.grading.results import TestResult
from autograder.notebook.cells import is_graded, runs


@dataclass(frozen=True)
class Evidence:
    """What is known about one failed test: how it failed, and the tasks that it needs."""

    failure: Failure
    needs: tuple[str, ...] = ()


@dataclass
class Explainer:
    """The causes of one submission.

    Attributes
    ----------
    cells
        its cells, which have been looked at
    causes
        what was found, once :meth:`explain` has run
    """

    cells: BrokenCells
    causes: tuple[Cause, ...] = ()

    def explain(
        self, results: Mapping[str, list[TestResult]], evidence: Mapping[str, Evidence]
    ) -> dict[str, tuple[list[TestResult], str]]:
        """The results by grade cell, with those tests `skipped` that can only fail because of a cause; and its text."""
        found = {
            test.name: cause for task, tests in results.items() for test, cause in self._own(task, tests, evidence)
        }
        found |= self._empty(results, evidence, found)
        found |= self._needed(results, evidence, found)
        found |= self._alike(results, evidence, found)
        causes = {cause.text: cause for cause in (*self.cells.found.values(), *found.values())}
        known = sorted(causes.values(), key=lambda cause: (not cause.cell, bool(cause.test), cause.cell))
        self.causes = (*self._with_earlier(known, results, found), *self.cells.spent.values())
        return {
            task: (
                [_skipped(test, found.get(test.name), evidence) for test in tests],
                next((found[test.name].text for test in tests if test.name in found), ""),
            )
            for task, tests in results.items()
        }

    def _with_earlier(
        self, causes: list[Cause], results: Mapping[str, list[TestResult]], found: Mapping[str, Cause]
    ) -> list[Cause]:
        """The causes, and before the first that may come of it the first task that fails a test by itself.

        A cell that raises may do so because of what an earlier task gave it.
        """
        told = {*found, *(cause.test for cause in causes)}
        failed = (
            (self.cells.places[task], Cause.of("fails", task=task, error=test.title, test=test.name))
            for task, tests in results.items()
            for test in tests
            if test.max_points and test.outcome.students_fault and test.name not in told
        )
        first, earlier = min(failed, key=lambda one: one[0], default=(None, None))
        if first is None or earlier is None:
            return causes
        number = self.cells.number_of(first)
        for place, cause in enumerate(causes):
            if cause.cell > number and cause.text not in self.cells.sure:
                return [*causes[:place], earlier, *causes[place:]]
        return causes

    def _own(
        self, task: str, tests: list[TestResult], evidence: Mapping[str, Evidence]
    ) -> Iterator[tuple[TestResult, Cause]]:
        """The tests of a task that fail because of a cell."""
        broken = self.cells.answers.get(task)
        for test in _failed(tests, evidence):
            failure = evidence[test.name].failure
            cause = self.cells.known(self.cells.places[task], failure)
            if cause is None and broken and (broken.nothing or failure.raised):
                cause = broken.cause
            cause = cause or self.cells.unwritten(task, failure) or self.cells.undefined(task, failure)
            if cause is not None:
                yield test, cause

    def _empty(
        self,
        results: Mapping[str, list[TestResult]],
        evidence: Mapping[str, Evidence],
        found: Mapping[str, Cause],
    ) -> dict[str, Cause]:
        """The public checks of a task whose hidden tests all fail because its own answer is surely broken.

        A check may hide the error, for example when it calls the answer in a thread.
        """
        checks: dict[str, Cause] = {}
        for task, tests in results.items():
            causes = {found.get(test.name) for test in tests if test.max_points}
            cause = causes.pop() if len(causes) == 1 else None
            if cause and cause.task == task and cause.text in self.cells.sure:
                open_checks = (test for test in _failed(tests, evidence) if test.name not in found)
                checks |= {test.name: cause for test in open_checks}
        return checks

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
        place = self.cells.place_of(failure)
        if place is not None and failure.frame:
            function = failure.frame[2]
            inside = f" (`{function}`)" if function and function != "<module>" else ""
            return self.cells.cause("raised", place, error=error + inside, line=failure.frame[1])
        name = failure.call.partition(".")[0]
        cells = [place for place, cell in enumerate(self.cells.notebook.cells) if runs(cell) and not is_graded(cell)]
        defines = [place for place in cells if name in self.cells.defines[place]]
        if defines:
            return self.cells.cause("call", defines[0], error=error, name=failure.call)
        return Cause.of("call", error=error, name=failure.call)

    def _key(self, test: TestResult, failure: Failure) -> tuple[object, ...] | None:
        """What two tests share that fail alike; None if nothing can be said."""
        if not failure.raised:
            return None
        place = self.cells.place_of(failure)
        if failure.frame and place is not None:
            return failure.kind, place, failure.frame[1]
        if failure.kind:
            return (failure.kind, failure.message, failure.call) if failure.call and not failure.frame else None
        return (test.outcome, failure.call) if failure.call else None


def _failed(tests: list[TestResult], evidence: Mapping[str, Evidence]) -> Iterator[TestResult]:
    return (test for test in tests if test.outcome.students_fault and not test.points and test.name in evidence)


def _skipped(test: TestResult, cause: Cause | None, evidence: Mapping[str, Evidence]) -> TestResult:
    """The test as `skipped`; what it said itself follows the cause, unless it got nowhere."""
    if cause is None:
        return test
    said = "" if evidence[test.name].failure.missing else f"\n{test.message}"
    return replace(test, outcome=Outcome.SKIPPED, message=f"{cause.message}{said}".rstrip())
