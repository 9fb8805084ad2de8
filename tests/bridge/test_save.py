"""Is a score in the gradebook exact when it is final, and open when it is not?"""

from __future__ import annotations

import pytest

from autograder.bridge.save import final_score
from autograder.grading.results import CellResult, Results, TestResult


def results(*tests: tuple[str, float], cell: str = "double") -> Results:
    made = [TestResult(f"t{i}", "", outcome, points, 1.0) for i, (outcome, points) in enumerate(tests)]
    return Results("doubling", "doubling", [CellResult(cell, 2.0, made)])


@pytest.mark.parametrize("outcome", ["failed", "error", "timeout", "crashed"])
def test_lost_points_are_final(outcome):
    assert final_score(results(("passed", 1.5), (outcome, 0.0)), "double", 2.0) == 1.5


@pytest.mark.parametrize("outcome", ["pending", "broken"])
def test_what_is_pending_or_broken_stays_open(outcome):
    """Is such a cell neither a silent 0 nor free?"""
    assert final_score(results(("passed", 1.0), (outcome, 0.0)), "double", 2.0) is None


def test_no_result_stays_open():
    assert final_score(None, "double", 2.0) is None
    assert final_score(results(("passed", 1.0), cell="other"), "double", 2.0) is None
    assert final_score(results(), "double", 2.0) is None


@pytest.mark.parametrize("points", [2.5, -1.0, float("nan")])
def test_points_that_cannot_be_stay_open(points):
    assert final_score(results(("passed", points)), "double", 2.0) is None


def test_rounding_takes_nothing_and_gives_nothing():
    assert final_score(results(("passed", 0.1), ("passed", 0.2)), "double", 0.3) == 0.3
