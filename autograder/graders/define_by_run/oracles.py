"""What sprint 1's hidden tests know by themselves: gradients, sums over broadcast axes, a step of training.

Nothing here calls the student's code to find out what is right. `compare_gradients`, `goes_back_again` and
`no_gradient` look at what the student's code returned; the rest is numpy.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.graders.oracles import Array, numeric_gradients
from autograder.grading import StudentError, as_numbers, assert_close, check, value


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


def goes_back_again(y: Any, g: Any, leaf: Any, what: str) -> None:
    """Check that a second pass through y's graph adds the leaf's gradient once more, or says that the graph is gone."""
    first = as_numbers(leaf.grad, f"x.grad after {what}")
    try:
        y.backward(g)
    except StudentError as error:
        check("RuntimeError" in error.types, "a pass through a freed graph must raise RuntimeError", got=error.types[0])
    else:
        assert_close(leaf.grad, 2 * first, what=f"x.grad after two passes through {what}")


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
