"""What sprint 2's hidden tests know by themselves: descent for two models, cross-entropy, Newton's steps.

All of it is numpy; nothing here calls the student's code.
"""

from typing import Any

import numpy as np

from autograder.grading import as_numbers, assert_close, check, is_a

Array = np.ndarray


def regression_loss(x: Array, t: Array, w: Array, b: float) -> float:
    """The mean squared error of x w + b."""
    return float(np.mean((x @ w + b - t) ** 2))


def regression_step(x: Array, t: Array, w: Array, b: float, rate: float) -> tuple[Array, float]:
    """Weights and bias after one step of plain gradient descent on that loss."""
    error = x @ w + b - t
    return w - rate * 2 * x.T @ error / len(t), b - rate * 2 * float(error.mean())


def regression_descent(
    x: Array, t: Array, w: Array, b: float, rate: float, steps: int
) -> tuple[Array, float, list[float]]:
    """Weights, bias and the losses before each step, after so many steps."""
    losses = []
    for _ in range(steps):
        losses.append(regression_loss(x, t, w, b))
        w, b = regression_step(x, t, w, b, rate)
    return w, b, losses


def cross_entropy(logits: Array, labels: Array) -> float:
    """The mean of -log(softmax(logits)[label]), finite however large the logits are."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    chosen = shifted[np.arange(len(labels)), labels]
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - chosen))


def softmax_descent(
    batches: list[tuple[Array, Array]], w: Array, b: Array, rate: float
) -> tuple[Array, Array, list[float]]:
    """Softmax regression, one plain step a batch: weights, bias and the losses before each step."""
    losses = []
    for x, labels in batches:
        logits = x @ w + b
        losses.append(cross_entropy(logits, labels))
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        error = (p - np.eye(len(b))[labels]) / len(labels)
        w, b = w - rate * x.T @ error, b - rate * error.sum(axis=0)
    return w, b, losses


def newton_steps(a: float, error: float) -> int:
    """How many of Newton's steps, from y = a, bring y within this relative error of the root of a."""
    y, steps = a, 0
    while abs(y / np.sqrt(a) - 1) > error:
        y, steps = (y + a / y) / 2, steps + 1
    return steps


def barely_too_far(steps: int, error: float) -> float:
    """A number whose root so many of Newton's steps miss by just this error, so that one more is needed."""
    ratio = 1.0 + error
    for _ in range(steps):  # back from y / root to the y of the step before
        ratio += float(np.sqrt(ratio * ratio - 1.0))
    return ratio * ratio


def operations_behind(nodes: list[dict[str, Any]], name: str) -> set[str]:
    """The kinds of operations that a node of an exported graph needs, with all that stands in functions."""
    inputs = {node["name"]: node["inputs"] for node in nodes if not node["function"]}
    needed, stack = set(), [name]
    while stack:
        one = stack.pop().removeprefix("^").split(":")[0]
        if one not in needed:
            needed.add(one)
            stack.extend(inputs.get(one, ()))
    return {node["op"] for node in nodes if node["function"] or node["name"] in needed}


def check_placeholders(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Check that a graph has these placeholders: name, dtype and shape."""
    for name, (dtype, shape) in wanted.items():
        check(name in found, f"{name}:0 must be a placeholder", got=", ".join(sorted(found)[:20]))
        check(found[name][0] == dtype, f"{name}:0 must be {dtype}", got=found[name][0])
        form = f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
        check(found[name][1] == shape, f"{name}:0 must have the shape {form}", got=found[name][1])


def check_types(answers: dict[str, Any], wanted: str) -> None:
    """Check that each of these results, by name, has this dtype."""
    for name, answer in answers.items():
        dtype = str(as_numbers(answer, name).dtype)
        check(dtype == wanted, f"{name} must be {wanted}", got=dtype)


def check_mirrors(got: Any, expected: Any, what: str = "the result") -> None:
    """Check that a result has this structure of lists, tuples and dicts, and in it these numbers."""
    if not isinstance(expected, dict | list | tuple):
        assert_close(got, expected, what=what)
        return
    kind = type(expected)
    check(is_a(got, kind), f"{what} must be a {kind.__name__}, as the fetches are", got=got)
    keys = list(expected) if isinstance(expected, dict) else list(range(len(expected)))
    same = list(got) == keys if isinstance(expected, dict) else len(got) == len(keys)
    check(same, f"{what} must have the {'keys' if kind is dict else 'length'} of the fetches", got=got)
    for key in keys:
        check_mirrors(got[key], expected[key], f"{what}[{key!r}]")
