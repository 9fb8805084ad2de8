"""What sprint 1's hidden tests know by themselves: gradients by differences, flowers, a step of training.

Nothing here calls the student's code to find out what is right. `compare_gradients` and `no_gradient` look at what
the student's code returned; the rest is numpy.
"""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from autograder.grading import as_numbers, assert_close, value

Array = np.ndarray


def numeric_gradients(f: Callable[..., Array], arrays: list[Array], g: Array, eps: float = 1e-6) -> list[Array]:
    """The gradient of sum(g * f(*arrays)) with respect to each array, by central differences at every index."""
    gradients = []
    for which, array in enumerate(arrays):
        gradient = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            sides = []
            for step in (eps, -eps):
                moved = [a.copy() for a in arrays]
                moved[which][index] += step
                sides.append(np.sum(g * f(*moved)))
            gradient[index] = (sides[0] - sides[1]) / (2 * eps)
        gradients.append(gradient)
    return gradients


def compare_gradients(
    student: Any, rng: np.random.Generator, f: Callable[..., Any], *arrays: Any, oracle: Any = None
) -> None:
    """Check the gradients that the student's f leaves, for a random upstream gradient and at every index.

    `f` is called with the student's tensors, `oracle` (f itself, where operators are all it needs) with arrays.
    """
    oracle, plain = oracle or f, [np.asarray(a, dtype=np.float64) for a in arrays]
    g = rng.normal(size=np.shape(oracle(*plain)))
    tensors = [student.Tensor(a, requires_grad=True) for a in plain]
    f(*tensors).backward(g)
    for place, (tensor, expected) in enumerate(zip(tensors, numeric_gradients(oracle, plain, g), strict=True), 1):
        assert_close(tensor.grad, expected, what=f"the gradient of operand {place}", rtol=1e-5, atol=1e-7)


def no_gradient(grad: Any) -> bool:
    """Whether this is what a leaf has that no backward pass has reached: None, or zeros."""
    grad = value(grad)
    return grad is None or not np.any(as_numbers(grad, "a gradient"))


def summed_to(grad: Array, shape: tuple[int, ...]) -> Array:
    """What unbroadcast must give: every element of grad added where broadcasting had copied it from."""
    source = np.broadcast_to(np.arange(int(np.prod(shape))).reshape(shape), grad.shape)
    total = np.zeros(int(np.prod(shape)))
    np.add.at(total, source.ravel(), grad.ravel())
    return total.reshape(shape)


def iris() -> tuple[Array, Array]:
    """scikit-learn's iris data, shape (150, 4), and species (150,), read without two seconds of importing it."""
    spec = find_spec("sklearn")
    assert spec is not None
    assert spec.origin is not None
    table = np.loadtxt(Path(spec.origin).parent / "datasets" / "data" / "iris.csv", delimiter=",", skiprows=1)
    return table[:, :4], table[:, 4].astype(int)


def draw_flowers(rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """New iris flowers, from a normal distribution with each species' own mean and covariance."""
    data, target = iris()
    species = np.arange(count) % 3
    flowers = np.empty((count, 4))
    for kind in range(3):
        known, places = data[target == kind], species == kind
        flowers[places] = rng.multivariate_normal(known.mean(axis=0), np.cov(known.T), size=int(places.sum()))
    return flowers, species


def descend(
    weight: Array, bias: Array, x: Array, label: int, lr: float, steps: int
) -> tuple[Array, Array, list[float]]:
    """Plain gradient descent on one flower with a linear classifier and cross-entropy: weights and losses."""
    losses = []
    for _ in range(steps):
        logits = x @ weight + bias
        p = np.exp(logits - logits.max())
        p /= p.sum()
        losses.append(float(-np.log(p[label])))
        error = p - (np.arange(p.size) == label)
        weight, bias = weight - lr * np.outer(x, error), bias - lr * error
    return weight, bias, losses
