"""The rows in which every form shows a task's tests: what was skipped because of one cause is one row, not nine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from autograder.grading.outcome import Outcome
from autograder.grading.results import Cell, Results, TestResult
from autograder.reports.wording import skipped_tests


def rows_of(cell: Cell) -> Iterator[TestResult]:
    """A cell's rows: first one for each cause, with the tests skipped because of it, then the other tests in order."""
    skipped: dict[str, list[TestResult]] = {}
    for test in cell.rows:
        if test.outcome is Outcome.SKIPPED:
            skipped.setdefault(_reason(test), []).append(test)
    yield from (_together(tests, cell.rows) for tests in skipped.values())
    yield from (test for test in cell.rows if test.outcome is not Outcome.SKIPPED)


def skipped_because(results: Results) -> dict[str, int]:
    """How many hidden tests were skipped because of each cause, by its text."""
    tests = (test for test in results.tests if test.max_points)
    counts = Counter(_reason(test) for test in tests if test.outcome is Outcome.SKIPPED)
    return {cause.text: counts[cause.message] for cause in results.causes}


def _reason(test: TestResult) -> str:
    return test.message.partition("\n")[0]


def _together(tests: list[TestResult], all_tests: Iterable[TestResult]) -> TestResult:
    """The skipped tests as one row, which names them unless they are all that the task has."""
    hidden = [test for test in tests if test.max_points] or tests
    named = "" if len(tests) == len(list(all_tests)) else "".join(f"\n- {test.title}" for test in hidden)
    return replace(
        tests[0],
        title=skipped_tests(len(hidden)),
        max_points=sum(test.max_points for test in tests),
        message=_reason(tests[0]) + named,
        duration_s=sum(test.duration_s for test in tests),
    )
