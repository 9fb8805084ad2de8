"""What sprint 1's hidden tests know by themselves: gradients, sums over broadcast axes, a step of training.

Nothing here calls the student's code to find out what is right. `compare_gradients`, `two_passes_add_up` and
`no_gradient` look at what the student's code returned; the rest is numpy.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograder.graders.define_by_run.formulas import (
    data_of_each,
    data_with_each,
    gradients_after_backward,
    sent,
    two_passes,
    typed,
)
from autograder.graders.oracles import Array, numeric_gradients
from autograder.grading import as_numbers, assert_close, describe, value


def compare_gradients(
    student: Any,
    rng: np.random.Generator,
    f: Callable[..., Any],
    *arrays: Any,
    operands: tuple[Any, ...] = (),
    oracle: Callable[..., Any] | None = None,
    **options: Any,
) -> None:
    """Check the gradients that f leaves in the student's leaves, for a random upstream gradient and at every index.

    The arrays are the data of the leaves "x" and "y". ``operands`` are what f is called with, names of leaves and
    constants; by default it is the leaves. ``oracle`` computes with arrays, where they have not f's methods. Before the
    backward pass f is called once more, with other leaves.
    """
    leaves = {name: np.asarray(a, dtype=np.float64) for name, a in zip("xy", arrays, strict=False)}
    operands = operands or tuple(leaves)

    def plain(*moved: Array) -> Any:
        known = dict(zip(leaves, moved, strict=True))
        return (oracle or f)(*(known[o] if isinstance(o, str) else o for o in operands), **options)

    g = rng.normal(size=np.shape(plain(*leaves.values())))
    others = tuple(f"Tensor({o}.data + 3.0, requires_grad=True)" if isinstance(o, str) else o for o in operands)
    calls = f"z = {called(f, operands, options, describe)}", f"{called(f, others, options, describe)}  # others"
    back = f"z.backward({describe(g)})", f"[{', '.join(f'{n}.grad' for n in leaves)}]"
    lines = *leaves_typed(leaves), *calls, *back
    going_back = gradients_after_backward.typed(*lines)
    got = student.run(going_back, sent(f), operands, leaves, g, student.Tensor, options)
    expected = numeric_gradients(plain, list(leaves.values()), g)
    behind = called(f, operands, options)
    for name, gradient, wanted in zip(leaves, got, expected, strict=True):
        assert_close(gradient, wanted, what=f"{name}.grad behind {behind}", rtol=1e-5, atol=1e-7)


def briefly(constant: Any) -> str:
    """A constant in a message: an array is "array"."""
    return "array" if np.ndim(constant) else repr(constant)


def called(
    f: Callable[..., Any],
    operands: tuple[Any, ...],
    options: dict[str, Any] | None = None,
    written: Callable[[Any], str] = briefly,
) -> str:
    """What f gives, as a student types it. A string among the operands is a name; anything else is `written`."""
    return typed(f, tuple(o if isinstance(o, str) else written(o) for o in operands), options)


def leaves_typed(leaves: dict[str, Array]) -> list[str]:
    """The lines in which a student makes these leaves."""
    return [f"{name} = Tensor({describe(data)}, requires_grad=True)" for name, data in leaves.items()]


def data_of(student: Any, functions: Iterable[Callable[..., Any]], *operands: Any) -> list[Any]:
    """The data of what each function gives for these operands, with one request."""
    functions, texts = list(functions), tuple(map(describe, operands))
    line = f"[t.data for t in ({', '.join(typed(f, texts) for f in functions)},)]"
    found: list[Any] = student.run(data_of_each.typed(line), [sent(f) for f in functions], *operands)
    return found


def data_with(student: Any, f: Callable[..., Any], x: Any, ways: list[dict[str, Any]]) -> list[Any]:
    """The data of what f gives for x with each of these options, with one request."""
    line = f"[t.data for t in ({', '.join(typed(f, (describe(x),), options) for options in ways)},)]"
    found: list[Any] = student.run(data_with_each.typed(line), sent(f), x, ways)
    return found


def two_passes_add_up(
    student: Any, rng: np.random.Generator, f: Callable[..., Any], *arrays: Array, oracle: Any = None
) -> Any:
    """Check that a second pass through f's graph adds the leaves' gradients once more, or says that the graph is gone.

    Checks also that the data of the leaves have not changed, and that f's backward has not changed the gradient that it
    was given. Returns f's result before and after the passes.
    """
    leaves = dict(zip("xy", arrays, strict=False))
    g = rng.normal(size=np.shape((oracle or f)(*arrays)))
    result = called(f, tuple(leaves))
    lines = *leaves_typed(leaves), f"z = {result}", f"for _ in range(2): z.backward({describe(g)})"
    passes = two_passes.typed(*lines)
    once, twice, data, before, after, added = student.run(passes, sent(f), tuple(leaves), leaves, g, student.Tensor)
    for place, (name, array) in enumerate(leaves.items()):
        assert_close(data[place], array, what=f"{name}.data after {result} and its backward")
        first = as_numbers(once[place], f"{name}.grad after a pass through {result}")
        if twice is not None:
            assert_close(twice[place], 2 * first, what=f"{name}.grad after two passes through {result}")
    if added is not None:
        first = as_numbers(once[0], f"x.grad after a pass through {result}")
        assert_close(added, first + g, what=f"x.grad after a pass through {result} + x")
    return before, after


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
