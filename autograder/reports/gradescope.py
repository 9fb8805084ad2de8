"""Results as Gradescope's results.json; see https://gradescope-autograders.readthedocs.io/en/latest/specs/."""

from __future__ import annotations

from typing import Any

from autograder.grading.results import Results, TestResult
from autograder.reports.rows import rows_of, skipped_because
from autograder.reports.wording import mend_first, not_final, with_count
from autograder.text import clean


def gradescope(results: Results) -> dict[str, Any]:
    """The document that students see; only the instructor sees what pytest printed.

    Gradescope has no status for a waiting test. A test that is not final gets no status and no points, and says so.
    """
    counts = skipped_because(results)
    causes = [_cause(with_count(cause.text, counts[cause.text])) for cause in results.causes if not cause.test]
    tests = causes + [
        _test(test, f"{number}.{place}")
        for number, cell in enumerate(results.cells, 1)
        for place, test in enumerate(rows_of(cell), 1)
    ]
    return _document(results.score, not_final(results), tests) | {
        "extra_data": {"sprint": results.sprint, "status": results.status}
    }


def nothing_graded(reason: str) -> dict[str, Any]:
    """The document for a submission that cannot be graded: 0 points, and why."""
    return _document(0.0, clean(reason), [])


def _document(score: float, output: str, tests: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "score": score, "output": output, "output_format": "text", "test_output_format": "text",
        "test_name_format": "text", "visibility": "visible", "stdout_visibility": "hidden", "tests": tests,
    }  # fmt: skip


def _cause(text: str) -> dict[str, Any]:
    """What has to be mended first, before the tests: it has no points."""
    return {"name": mend_first(), "output": clean(text), "status": "failed", "visibility": "visible"}


def _test(test: TestResult, number: str) -> dict[str, Any]:
    shown = {
        "name": f"{test.name.partition('::')[0].removeprefix('test_').removesuffix('.py')}: {clean(test.title, 300)}",
        "number": number, "score": test.points, "max_score": test.max_points,
        "output": clean(test.message) or test.outcome, "visibility": "visible",
    }  # fmt: skip
    if not test.outcome.final:
        return shown
    return shown | {"status": "failed" if test.outcome.students_fault else "passed"}
