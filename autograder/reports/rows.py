"""The rows in which every form shows a task's tests: what was skipped because of one cause is one row, not nine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from autograder.grading.outcome import Outcome
from autograder.grading.results import Cell, Results, TestResult
from autograder.reports.wording import skipped_tests


def rows_of(cell: Cell) -> Iterator[TestResult]:
    """A cell's rows in order; the tests skipped because of one cause are one, where the first of them stood."""
    left = [test for test in cell.rows if test.outcome is Outcome.SKIPPED]
    together = {reason: list(tests) for reason, tests in groupby(sorted(left, key=_reason), key=_reason)}
    for test in cell.rows:
        if test.outcome is not Outcome.SKIPPED:
            yield test
        elif tests := together.pop(_reason(test), None):
            yield _together(tests, cell.rows)


def skipped_because(results: Results) -> dict[str, int]:
    """How many hidden tests were skipped because of each cause, by its text."""
    tests = (test for cell in results.cells for test in cell.tests if test.max_points)
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
