"""The tests of a grading session: to which cells they belong, with which seeds they run, and how they ended."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from autograder.grading.items import name_of, points_of, property_of
from autograder.grading.outcome import Outcome
from autograder.grading.results import TestResult
from autograder.grading.seeds import seed_of, test_of

NOT_RUN = "This test did not run."


class Tally:
    """The tests to run, item by item, and their results. A test that runs with several seeds has an item for each."""

    def __init__(self) -> None:
        self._cells: dict[str, str] = {}
        self._seeds: dict[str, str | None] = {}
        self._unrun: dict[str, TestResult] = {}
        self._ended: dict[str, TestResult] = {}

    def expect(self, item: pytest.Item, cell: str) -> None:
        """Note an item that will be run for a grade cell. Until it has run, it is `broken`."""
        name = name_of(item)
        self._cells[name], self._seeds[name] = cell, seed_of(item)
        title = property_of(item).title
        self._unrun[name] = TestResult(test_of(item), title, Outcome.BROKEN, 0.0, points_of(item), NOT_RUN)

    def leave_out(self, item: pytest.Item) -> None:
        """Forget an item that will not be run."""
        self._cells.pop(name_of(item), None)

    def put(self, item: pytest.Item, result: TestResult) -> None:
        """Note how an item ended."""
        self._ended[name_of(item)] = result

    def cell_of(self, item: pytest.Item) -> str:
        """The grade cell of an item."""
        return self._cells[name_of(item)]

    def ended(self, item: pytest.Item) -> TestResult | None:
        """How an item ended, or None."""
        return self._ended.get(name_of(item))

    def with_own_seed(self, item: pytest.Item) -> TestResult | None:
        """How the item's test ended with the grading's own seed; None before that, and for an item with that seed."""
        return self._ended.get(test_of(item)) if seed_of(item) is not None else None

    @property
    def counts(self) -> tuple[int, int]:
        """How many items have ended, and how many there are."""
        return len(self._ended), len(self._cells)

    def by_cell(self, cells: Iterable[str], seed: str | None = None) -> dict[str, list[TestResult]]:
        """The results by cell, in the order in which the tests run.

        With the grading's own seed (None) these are all tests. With another one, they are those that ran with it.
        """
        found: dict[str, list[TestResult]] = {cell: [] for cell in cells}
        for name, cell in self._cells.items():
            if self._seeds[name] == seed and (seed is None or name in self._ended):
                found[cell].append(self._ended.get(name, self._unrun[name]))
        return found
