"""Which of a sprint's hidden tests to run, and in which order."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from autograder.grading.outcome import Outcome


@dataclass(frozen=True)
class Selection:
    """By default, all tests in the order in which they are written.

    Attributes
    ----------
    only_gpu
        run and report only the tests that need a GPU
    from_place
        run and report only the tests of grade cells from this index in the notebook on; the earlier ones are already
        graded, and nothing that they depend on has changed
    to_place
        run and report only the tests of grade cells up to this index, and no cells behind it; None means all
    shuffle
        a number that decides the order of the tests within a cell, to show that the order makes no difference
    stop_at_first
        stop after the first hidden test that neither passes nor is pending; the tests after it are `broken`
    every_example
        run the examples of tests that pass, too
    seeds
        other seeds of the course with which tests that draw random inputs are run again
    again
        with how many of these seeds a test is run again, by its name, and with none if it is not there; None means all
        tests with all of them
    """

    only_gpu: bool = False
    from_place: int = 0
    to_place: int | None = None
    shuffle: int | None = None
    stop_at_first: bool = False
    every_example: bool = False
    seeds: tuple[str, ...] = ()
    again: Mapping[str, int] | None = None

    @property
    def partial(self) -> bool:
        """Whether cells may be left without a result."""
        return self.only_gpu or self.from_place > 0 or self.to_place is not None

    def last(self, end: int) -> int:
        """The index of the last cell to run in a notebook whose last cell has the index ``end``."""
        return end if self.to_place is None else min(end, self.to_place)

    def shows_example(self, outcome: Outcome) -> bool:
        """Whether the example of a test that ended so is run: what was stopped would only take the same time again."""
        return outcome in (Outcome.FAILED, Outcome.ERROR) or (self.every_example and outcome is Outcome.PASSED)

    def seeds_of(self, test: str) -> tuple[str, ...]:
        """The other seeds with which a test is run again if it draws random inputs."""
        return self.seeds if self.again is None else self.seeds[: self.again.get(test, 0)]

    def of_cell(self, cell: str, place: int, check: pytest.Item, tests: list[pytest.Item]) -> list[pytest.Item]:
        """The tests to run for a grade cell, in order: its public check and its hidden tests."""
        if place < self.from_place or place > self.last(place):
            return []
        tests = list(tests)
        if self.shuffle is not None:
            random.Random(f"{self.shuffle} {cell}").shuffle(tests)
        return [test for test in tests if needs_gpu(test)] if self.only_gpu else [check, *tests]


EVERYTHING = Selection()


def needs_gpu(item: pytest.Item) -> bool:
    """Whether a test has the marker ``gpu``."""
    return item.get_closest_marker("gpu") is not None
