"""Sprint 3: are its oracles right, do endless and hostile graphs cost their tests only, does no seed decide?"""

from __future__ import annotations

import numpy as np
import pytest

from autograder.authoring.variants import find_variant, wheats
from autograder.graders.tf_function.oracles import (
    collatz,
    descend,
    gradient_of_sums,
    sums_above_zero,
    with_a_restart,
)
from autograder.grading.results import Results
from tests.support.jails import needs_sandbox
from tests.support.variants_graded import REFERENCE, gradings

SLUG = "tf_function"
CALLS_PYTHON, LINK = f"{SLUG}/chaffs/export_needs_this_python", f"{SLUG}/chaffs/exported_behind_a_link"
GIGABYTE, ENDLESS = f"{SLUG}/chaffs/data_saved_with_the_model", f"{SLUG}/demo/endless_loop"


def test_steps_of_collatz() -> None:
    """None from 1, eight from 6, and a long way from 27."""
    assert [collatz(n) for n in (1, 2, 6, 27)] == [0, 1, 8, 111]


def test_sums_stop_at_zero() -> None:
    """Does what follows begin again from there?"""
    assert sums_above_zero(np.array([1.0, 2.0, -5.0, 4.0])).tolist() == [1.0, 3.0, 0.0, 4.0]
    assert sums_above_zero(np.zeros(0)).tolist() == []


@pytest.mark.parametrize("seed", range(5))
def test_gradient_of_sums_follows_differences(seed: int) -> None:
    """Is the gradient that of differences, on inputs that are drawn away from kinks, and with a restart in each?"""
    rng = np.random.default_rng(seed)
    xs, g, step = with_a_restart(rng, 9).astype(float), rng.normal(size=9), 1e-3
    assert 0.0 in sums_above_zero(xs)[1:]
    differences = [
        g @ (sums_above_zero(xs + move) - sums_above_zero(xs - move)) / (2 * step) for move in step * np.eye(9)
    ]
    np.testing.assert_allclose(gradient_of_sums(xs, g), differences, atol=1e-9)


def test_no_sum_is_on_the_edge_of_zero() -> None:
    """At exactly zero two right gradients differ: does no draw come there?"""
    for seed in range(500):
        xs = with_a_restart(np.random.default_rng(seed), 60)
        sums = sums_above_zero(xs)
        before = np.concatenate([[0.0], sums[:-1]])
        assert np.abs(before + xs).min() >= 1 / 64, seed


def test_descent_follows_differences() -> None:
    """Is a step the rate of that step times the gradient of the loss, and is the loss that before the step?"""
    rng = np.random.default_rng(0)
    x, y, start = rng.normal(size=(6, 3)), rng.normal(size=6), rng.normal(size=4)

    def loss(parameters: np.ndarray) -> float:
        return float(np.mean((x @ parameters[:3] + parameters[3] - y) ** 2))

    gradient = np.array([loss(start + move) - loss(start - move) for move in 1e-5 * np.eye(4)]) / 2e-5
    w, b, losses = descend(start[:3], float(start[3]), [(x, y, 4)], 0.1)
    np.testing.assert_allclose([*w, b], start - 0.1 / 5 * gradient, atol=1e-8)
    np.testing.assert_allclose(losses, [loss(start)])


def outcomes(results: Results) -> dict[str, str]:
    """How each hidden test ended that did not pass, by name."""
    return {
        test.name: test.outcome
        for test in results.tests
        if test.outcome != "passed" and "public_check" not in test.name
    }


@needs_sandbox
def test_hostile_and_endless_graphs_cost_their_own_tests() -> None:
    """Are Python, a link and a gigabyte refused by name, is a loop without end stopped, and do other tests count?"""
    with gradings([CALLS_PYTHON, LINK, GIGABYTE, ENDLESS], "s", workers=1) as graded:
        for solution, outcome, said in (
            (CALLS_PYTHON, "failed", "the SavedModel contains EagerPyFunc"),
            (LINK, "error", "is a symbolic link"),
            (GIGABYTE, "error", "holds more than 64 MiB"),
            (ENDLESS, "timeout", "stopped after 2 s of CPU time"),
        ):
            results = graded[solution]
            caught_by = find_variant(*solution.split("/", 1)).caught_by
            assert outcomes(results) == dict.fromkeys(caught_by, outcome), solution
            messages = [test.message for test in results.tests if test.name in caught_by]
            assert all(said in message for message in messages), solution
            assert results.status == "graded"


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["spring", "summer", "autumn", "winter", "leap"])
def test_no_seed_decides(seed: str) -> None:
    """Do the reference and every other right solution earn everything, whatever inputs the seed draws?"""
    solutions = [f"{SLUG}/{REFERENCE}", *(f"{SLUG}/wheats/{wheat.name}" for wheat in wheats(SLUG))]
    with gradings(solutions, seed) as graded:
        assert {solution: outcomes(graded[solution]) for solution in solutions} == {name: {} for name in solutions}
