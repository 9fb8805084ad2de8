"""What a regrade has changed: for which student, in which test, by how many points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.grading.results import Results, TestResult
from autograder.text import harmless


@dataclass(frozen=True)
class TestChange:
    """One test before and after; None if there was no such test."""

    __test__ = False  # pytest must not collect this class because of its name

    before: TestResult | None
    after: TestResult | None

    @property
    def title(self) -> str:
        """The test's title."""
        known = self.after or self.before
        return known.title if known else ""

    @property
    def points(self) -> float:
        """By how many points the test's result has gone up."""
        return (self.after.points if self.after else 0.0) - (self.before.points if self.before else 0.0)


@dataclass(frozen=True)
class Change:
    """A student's score before and after, and the tests that made the difference."""

    student: str
    before: Results
    after: Results
    tests: list[TestChange]

    @property
    def points(self) -> float:
        """By how many points the student's score has gone up."""
        return self.after.score - self.before.score

    def __str__(self) -> str:
        tests = "; ".join(f"{test.title}: {said(test.before)}, now {said(test.after)}" for test in self.tests)
        return f"{self.student}: {self.before.score:g}, now {self.after.score:g} ({self.points:+g}): {tests}"


def change(student: str, before: Results, after: Results) -> Change | None:
    """What has changed for a student; None if every test has the same points and is as final as before."""
    old, new = ({test.name: test for cell in results.cells for test in cell.rows} for results in (before, after))
    tests = [TestChange(old.get(name), new.get(name)) for name in {**old, **new}]
    tests = [test for test in tests if test.points or _decided(test.before) != _decided(test.after)]
    return Change(student, before, after, tests) if tests else None


def _decided(test: TestResult | None) -> bool:
    return test is None or test.outcome.final


def said(test: TestResult | None) -> str:
    """A test's outcome and points in a few words."""
    return f"{test.outcome}, {test.points:g} of {test.max_points:g}" if test else "no such test"


def show_changes(changes: Iterable[Change], compared: int, console: Console) -> None:
    """Print which scores changed, by which test and by how much, and the totals in one line."""
    changes = sorted(changes, key=lambda one: one.student)
    if changes:
        table = Table(title="what has changed", title_justify="left")
        for heading in ("student", "test", "before", "now", "points"):
            table.add_column(heading, overflow="fold", justify="right" if heading == "points" else "left")
        for one in changes:
            whole = [f"{results.score:g} of {results.max_score:g}" for results in (one.before, one.after)]
            table.add_row(Text(harmless(one.student)), "in all", *whole, f"{one.points:+g}", style="bold")
            for test in one.tests:
                table.add_row("", Text(harmless(test.title)), said(test.before), said(test.after), f"{test.points:+g}")
        console.print(table)
    more, fewer = sum(one.points > 0 for one in changes), sum(one.points < 0 for one in changes)
    console.print(f"{compared} compared with before: {len(changes)} changed, {more} up, {fewer} down")
