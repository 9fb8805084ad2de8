"""Sprint 2: are its oracles right, do hostile and endless graphs cost their tests only, does no seed decide?"""

from __future__ import annotations

import numpy as np
import pytest

from autograder.authoring.variants import find_variant, wheats
from autograder.graders.oracles import numeric_gradients
from autograder.graders.session_graphs.oracles import (
    cross_entropy,
    newton_steps,
    regression_descent,
    regression_loss,
    softmax_descent,
)
from autograder.grading.results import Results
from tests.support.jails import needs_sandbox
from tests.support.variants_graded import REFERENCE, gradings

SLUG = "session_graphs"
STOPPED = {
    f"{SLUG}/chaffs/bias_from_a_file": ("failed", "the graph contains ReadFile"),
    f"{SLUG}/chaffs/loss_written_to_a_file": ("failed", "the graph contains WriteFile"),
    f"{SLUG}/chaffs/predicts_in_python": ("failed", "the graph contains PyFunc"),
    f"{SLUG}/demo/endless_loop": ("timeout", "stopped"),
}
"""Solutions with hostile or endless graphs: how the tests that they name end, and what is said."""


def test_descent_follows_differences() -> None:
    """Is one step of either model the learning rate times the numeric gradient of its loss?"""
    rng = np.random.default_rng(0)
    x, t, w, b = rng.normal(size=(6, 3)), rng.normal(size=6), rng.normal(size=3), np.array(0.5)
    by_w, by_b = numeric_gradients(lambda w, b: np.array(regression_loss(x, t, w, float(b))), [w, b], np.ones(()))
    moved, shifted, losses = regression_descent(x, t, w, 0.5, 0.1, 1)
    np.testing.assert_allclose(moved, w - 0.1 * by_w, atol=1e-7)
    np.testing.assert_allclose(shifted, 0.5 - 0.1 * by_b, atol=1e-7)
    assert losses == [regression_loss(x, t, w, 0.5)]

    weights, bias, labels = rng.normal(size=(3, 4)), rng.normal(size=4), rng.integers(4, size=6)
    by_w, by_b = numeric_gradients(
        lambda w, b: np.array(cross_entropy(x @ w + b, labels)), [weights, bias], np.ones(())
    )
    moved, shifted, losses = softmax_descent([(x, labels)], weights, bias, 0.1)
    np.testing.assert_allclose(moved, weights - 0.1 * by_w, atol=1e-7)
    np.testing.assert_allclose(shifted, bias - 0.1 * by_b, atol=1e-7)
    assert losses == [cross_entropy(x @ weights + bias, labels)]


def test_cross_entropy_of_known_probabilities() -> None:
    """Is it -log p, and finite where exp would overflow?"""
    p = np.array([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
    np.testing.assert_allclose(cross_entropy(np.log(p), np.array([2, 0])), -(np.log(0.5) + np.log(0.1)) / 2)
    assert cross_entropy(np.array([[1e6, 0.0, -1e6]]), np.array([2])) == 2e6


def test_newtons_steps_are_counted() -> None:
    """None for 1, and from 4 the values 2.5, 2.05, 2.0006."""
    assert newton_steps(1.0, 1e-3) == 0
    assert newton_steps(4.0, 1e-3) == 3
    assert newton_steps(4.0, 0.1) == 2


def outcomes(results: Results) -> dict[str, str]:
    """How each hidden test ended that did not pass, by name."""
    return {
        test.name: test.outcome
        for test in results.tests
        if test.outcome != "passed" and "public_check" not in test.name
    }


@needs_sandbox
def test_hostile_and_endless_graphs_cost_their_own_tests() -> None:
    """Is a graph with files or Python refused by name, and a loop without end stopped, while the other tests count?"""
    with gradings(STOPPED, "s", workers=1) as graded:
        for solution, (outcome, said) in STOPPED.items():
            results, caught_by = graded[solution], find_variant(*solution.split("/", 1)).caught_by
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
