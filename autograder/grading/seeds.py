"""Runs hidden tests again with other seeds of the course, in one pytest session: the notebook's cells run once.

Each test that draws random inputs gets an item for each seed. The audit asks for it; a submission has one seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from autograder.grading.items import name_of
from autograder.grading.outcome import Outcome
from autograder.grading.results import CellResult, Results, TestResult
from autograder.grading.selection import Selection

STOPPED = (Outcome.TIMEOUT, Outcome.CRASHED)
"""A test that ends so with the first seed is not run with the others: each would take the whole limit again."""


def with_seeds(metafunc: pytest.Metafunc, selection: Selection) -> None:
    """If the test has the fixture ``rng``, make an item for each other seed beside the one for the grading's own."""
    test = f"{metafunc.definition.path.name}::{metafunc.definition.originalname}"
    seeds = selection.seeds_of(test) if "rng" in metafunc.fixturenames else ()
    if seeds:
        own = pytest.param(None, id=pytest.HIDDEN_PARAM)
        metafunc.parametrize("rng", [own, *(pytest.param(seed, id=seed) for seed in seeds)], indirect=True)


def seed_of(item: pytest.Item) -> str | None:
    """The other seed with which an item runs its test; None for the grading's own."""
    callspec = getattr(item, "callspec", None)
    seed: str | None = callspec.params.get("rng") if callspec else None
    return seed


def test_of(item: pytest.Item) -> str:
    """The name in results of the test that an item runs, which is the same for each seed."""
    seed = seed_of(item)
    return name_of(item) if seed is None else name_of(item).removesuffix(f"[{seed}]")


def under_seed(own: Results, again: Mapping[str, Sequence[TestResult]]) -> Results:
    """The results of a grading with another seed: its own, with the tests that ran again replaced.

    ``again``: these tests by cell. Causes and what a person reads do not depend on the seed and stay.
    """
    return own.merged(replace(own, cells=[CellResult(cell, 0.0, tests) for cell, tests in again.items()]))
