"""Checks the public examples of hidden tests: right solutions pass each, and most show what is wrong.

Whether most do is asked of the generated mutants of single operators, which are ordinary slips. Many of the wrong
solutions were written to be wrong in a rare case only, which an example may not give away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.audit.findings import Finding
from autograder.grading.results import Results, TestResult

ENOUGH = 0.5
"""Of the examples that are shown for mutants, the share that must come out otherwise: else they explain nothing."""


@dataclass(frozen=True)
class Explained:
    """How often an example showed what was wrong: ``failed`` of the ``shown`` ones came out other than expected."""

    shown: Counter[str]
    failed: Counter[str]

    @classmethod
    def by(cls, wrong: Mapping[str, Results]) -> Explained:
        """The examples that were shown for these wrong solutions or mutants, by test."""
        seen = [test for results in wrong.values() for test in _with_example(results) if test.outcome.students_fault]
        failed = (test.name for test in seen if test.example is not None and not test.example.right)
        return cls(Counter(test.name for test in seen), Counter(failed))

    @property
    def share(self) -> float:
        """The share of shown examples that failed; 1 if there are none."""
        return self.failed.total() / self.shown.total() if self.shown else 1.0

    def __str__(self) -> str:
        return f"{self.failed.total()} of {self.shown.total()} ({self.share:.1%})"


def with_example(results: Results) -> set[str]:
    """The tests of a right solution whose example was run."""
    return {test.name for test in _with_example(results)}


def of_examples(
    right: Mapping[str, Results], wrong: Mapping[str, Results], mutants: Mapping[str, Results]
) -> Iterator[Finding]:
    """What is wrong with the examples, by the results of right solutions, of wrong ones and of mutants."""
    for name, results in right.items():
        for test in _with_example(results):
            if test.example is not None and not test.example.right:
                said = f"{test.example.got}, not {test.example.expected}"
                yield Finding(name, f"the example of {test.name} gives {said}")
    explained = Explained.by(wrong)
    for test_name, times in explained.shown.items():
        if not explained.failed[test_name]:
            yield Finding(test_name, f"its example passes in all {times} wrong solutions that it catches: take another")
    slips = Explained.by(mutants)
    if slips.share < ENOUGH:
        yield Finding("examples", f"too few show the fault of a mutant: {slips}")


def _with_example(results: Results) -> Iterator[TestResult]:
    return (test for test in results.tests if test.example is not None)
