"""Sprint 4: are its oracles right, are its digits new, does no seed decide?"""

from __future__ import annotations

import numpy as np
import pytest

from autograder.authoring.variants import wheats
from autograder.graders.cnn_layers.oracles import (
    cross_entropy,
    descend,
    draw_digits,
    gradients,
    logits,
    ragged,
)
from autograder.graders.oracles import KERAS_SHAPES, SHAPES, draw_weights, from_keras, to_keras
from autograder.grading.results import Results
from tests.support.variants_graded import REFERENCE, gradings

SLUG = "cnn_layers"


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_one_kernel_sees_one_place(rng: np.random.Generator) -> None:
    """Does a network that hands one pixel through, by hand, answer with that pixel?"""
    weights = [np.zeros(shape) for shape in SHAPES]
    weights[0][3, 0, 1, 4] = 1  # of each window the pixel in row 1, column 4
    weights[2][7, 3, 2, 0] = 1
    weights[4][5, 7 * 16 + 4 * 1 + 3] = 1  # map 7, row 1, column 3 of 4 x 4
    weights[6][9, 5] = 1
    image = np.zeros((1, 28, 28))
    # row 1 of the 4 x 4 is 2 of the 8 x 8, +2 in the kernel is 4 of the 12 x 12, 8 of the 24 x 24, +1 in the kernel
    # column 3 is 6 of the 8 x 8, +0, 12 of the 24 x 24, +4
    image[0, 9, 16] = 2.5
    assert logits(weights, image).tolist() == [[0.0] * 9 + [2.5]]
    assert logits(weights, image.transpose(0, 2, 1)).tolist() == [[0.0] * 10]


def test_gradients_follow_differences(rng: np.random.Generator) -> None:
    """Is the gradient with respect to each parameter that of differences, along a random direction?"""
    weights = [w.astype(np.float64) for w in draw_weights(rng)]
    images, g, step = rng.uniform(size=(2, 28, 28)), rng.normal(size=(2, 10)), 1e-6
    for place, gradient in enumerate(gradients(weights, images, g)):
        move = rng.normal(size=SHAPES[place])
        sides = [
            np.sum(g * logits([*weights[:place], weights[place] + sign * step * move, *weights[place + 1 :]], images))
            for sign in (1, -1)
        ]
        np.testing.assert_allclose(np.sum(gradient * move), (sides[0] - sides[1]) / (2 * step), rtol=1e-5, atol=1e-7)


def test_weights_there_and_back(rng: np.random.Generator) -> None:
    """Has Keras' form its shapes, and does it lead back?"""
    weights = draw_weights(rng)
    there = to_keras(weights)
    assert [w.shape for w in there] == KERAS_SHAPES
    for before, after in zip(weights, from_keras(there), strict=True):
        np.testing.assert_array_equal(before, after)


def test_descent_follows_differences(rng: np.random.Generator) -> None:
    """Is a step the rate times the gradient of the batch's mean loss, and are the losses those before it?"""
    ((x, y),) = ragged(rng, [6])
    w, b, step = rng.normal(size=(4, 3)), rng.normal(size=3), 1e-6
    moved, _, losses = descend(w, b, [(x, y)], 0.1)
    np.testing.assert_allclose(losses, cross_entropy(x @ w + b, y))
    for place in np.ndindex(w.shape):
        move = np.zeros(w.shape)
        move[place] = step
        sides = [cross_entropy(x @ (w + sign * move) + b, y).mean() for sign in (1, -1)]
        np.testing.assert_allclose(w[place] - moved[place], 0.1 * (sides[0] - sides[1]) / (2 * step), atol=1e-8)


def test_digits_are_disjoint_and_renamed(rng: np.random.Generator) -> None:
    """Are the digits to be judged by others than those to train on, with ten names among them?"""
    (images, labels), (others, names) = draw_digits(rng, (60, 40))
    assert images.shape == (60, 28, 28)
    assert images.dtype == np.float32
    assert images.min() >= 0
    assert images.max() <= 1
    assert (len(labels), len(others), len(names)) == (60, 40, 40)
    assert set(labels) <= set(range(10))
    distances = np.abs(images[:, None] - others[None]).max(axis=(2, 3))
    assert distances.min() > 0


def failing(results: Results) -> dict[str, str]:
    """How each hidden test ended that did not pass, by name."""
    return {test.name: test.outcome for test in results.tests if test.outcome != "passed"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["spring", "summer", "autumn", "winter", "leap"])
def test_no_seed_decides(seed: str) -> None:
    """Do the reference and every other right solution earn everything, whatever inputs the seed draws?"""
    solutions = [f"{SLUG}/{REFERENCE}", *(f"{SLUG}/wheats/{wheat.name}" for wheat in wheats(SLUG))]
    with gradings(solutions, seed) as graded:
        assert {solution: failing(graded[solution]) for solution in solutions} == {name: {} for name in solutions}
