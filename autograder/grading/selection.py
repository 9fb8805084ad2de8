"""Which of a sprint's hidden tests a grading runs, and in which order."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Selection:
    """All tests as written, unless something else is said.

    Attributes
    ----------
    only_gpu
        run and report the tests that need a GPU, and no others
    from_place
        run and report the tests of grade cells from this place in the notebook on; those before have been graded, and
        nothing that they look at has changed
    shuffle
        a number that decides the order of the tests within a cell, to show that it makes no difference
    stop_at_first
        end with the first hidden test that does not pass, when that is all one wants to know; the others are `broken`
    """

    only_gpu: bool = False
    from_place: int = 0
    shuffle: int | None = None
    stop_at_first: bool = False

    @property
    def partial(self) -> bool:
        """Whether cells may be left without a result."""
        return self.only_gpu or self.from_place > 0

    def of_cell(self, cell: str, place: int, check: pytest.Item, tests: list[pytest.Item]) -> list[pytest.Item]:
        """What is run of a grade cell: its public check and its hidden tests, in order."""
        if place < self.from_place:
            return []
        tests = list(tests)
        if self.shuffle is not None:
            random.Random(f"{self.shuffle} {cell}").shuffle(tests)
        return [test for test in tests if needs_gpu(test)] if self.only_gpu else [check, *tests]


EVERYTHING = Selection()


def needs_gpu(item: pytest.Item) -> bool:
    """Whether a test is marked so."""
    return item.get_closest_marker("gpu") is not None
