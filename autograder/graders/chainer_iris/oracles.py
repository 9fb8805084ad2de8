"""What the hidden tests of the Chainer sprint know by themselves: the network, its loss, its steps, in numpy.

Nothing here needs Chainer, which is not in the grader's environment, or calls the student's code to find out what is
right. The probes at the end run beside the student's objects.
"""

from typing import Any

import numpy as np

from autograder.graders.oracles import Array
from autograder.grading import as_numbers, check, probe, value

SHAPES = {"trunk": (4, "hidden"), "left": ("hidden", "hidden"), "right": ("hidden", "hidden"), "head": ("hidden", 3)}
"""The children of BranchingNet, with the sizes of their inputs and outputs."""
BRANCHES = {True: "left", False: "right"}


def names(*children: str) -> list[str]:
    """The names of the parameters of these children, sorted."""
    return sorted(f"/{child}/{kind}" for child in children for kind in ("W", "b"))


def on_path(heads: bool) -> list[str]:
    """The names of the parameters that a call of BranchingNet uses."""
    return names("trunk", BRANCHES[heads], "head")


def draw_weights(rng: np.random.Generator, hidden: int) -> dict[str, Array]:
    """Random weights and biases for a BranchingNet, by name; one unit of the left branch is large, and one is off."""
    weights = {}
    for child, sizes in SHAPES.items():
        n_in, n_out = (hidden if size == "hidden" else size for size in sizes)
        weights[f"/{child}/W"] = rng.normal(scale=n_in**-0.5, size=(n_out, n_in))
        weights[f"/{child}/b"] = rng.normal(scale=0.5, size=n_out)
    weights["/left/b"][:2] = 300.0, -300.0
    return weights


def logits(weights: dict[str, Array], x: Array, heads: bool) -> Array:
    """What a BranchingNet with these weights answers."""

    def linear(child: str, values: Array) -> Array:
        return values @ weights[f"/{child}/W"].T + weights[f"/{child}/b"]

    h = np.tanh(linear("trunk", x))
    h = np.maximum(linear("left", h), 0) if heads else np.tanh(linear("right", h))
    return linear("head", h)


def swish(x: Array, beta: Array) -> Array:
    """x * sigmoid(beta * x)."""
    return x * (1 + np.tanh(beta * x / 2)) / 2


def swish_slopes(x: Array, beta: Array) -> tuple[Array, Array]:
    """The slopes of swish in each place, with respect to x and to beta."""
    s = (1 + np.tanh(beta * x / 2)) / 2
    return s + beta * x * s * (1 - s), x * x * s * (1 - s)


def cross_entropies(scores: Array, species: Array) -> Array:
    """-log softmax of each row at its species."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(species)), species]


def descend(
    weight: Array, bias: Array, x: Array, species: Array, lr: float, steps: int
) -> tuple[Array, Array, list[float]]:
    """Gradient descent on all flowers at once with a linear classifier: weights, and the losses before each step."""
    losses = []
    for _ in range(steps):
        scores = x @ weight.T + bias
        losses.append(float(cross_entropies(scores, species).mean()))
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        error = (p / p.sum(axis=1, keepdims=True) - np.eye(3)[species]) / len(x)
        weight, bias = weight - lr * error.T @ x, bias - lr * error.sum(axis=0)
    return weight, bias, losses


def roll(array: Array, gradients: list[Array | None], lr: float, momentum: float) -> Array:
    """Where steps with momentum end; a step without a gradient changes nothing."""
    velocity = np.zeros_like(array)
    for gradient in gradients:
        if gradient is not None:
            velocity = momentum * velocity - lr * gradient
            array = array + velocity
    return array


def listed(got: Any, count: int, what: str) -> list[Any]:
    """What came back as a list of so many things."""
    right = isinstance(got, list | tuple) and len(got) == count
    check(right, f"{what} must be a list of {count}", got=len(got) if isinstance(got, list | tuple) else got)
    return list(got)


def weights_of(student: Any, net: Any, hidden: int | None = None) -> dict[str, Array]:
    """The parameters of a BranchingNet by name, as numbers of the right shapes; `hidden` None takes any size."""
    got = value(student.run(parameters, net))
    check(isinstance(got, dict), "the network must be a Chain with parameters")
    check(
        sorted(map(str, got)) == names(*SHAPES),
        "the parameters must be W and b of trunk, left, right and head, and no others",
        got=sorted(map(str, got)),
    )
    weights = {name: as_numbers(array, name) for name, array in got.items()}
    size = len(np.atleast_1d(weights["/trunk/b"])) if hidden is None else hidden
    for child, sizes in SHAPES.items():
        n_in, n_out = (size if n == "hidden" else n for n in sizes)
        for name, shape in ((f"/{child}/W", (n_out, n_in)), (f"/{child}/b", (n_out,))):
            check(weights[name].shape == shape, f"{name} must have the shape {shape}", got=weights[name].shape)
    return weights


@probe
def parameters(net):
    from itertools import islice

    return {name: p.array for name, p in islice(net.namedparams(), 100)}


@probe
def gradients_by_name(net):
    return {name: p.grad for name, p in net.namedparams()}


@probe
def put_weights(net, weights):
    for name, p in net.namedparams():
        p.array[...] = weights[name]


@probe
def variable(array):
    import chainer

    return chainer.Variable(array)


@probe
def parameter(array):
    import chainer

    p = chainer.Parameter(array)  # a Variable as well
    p.cleargrad()
    return p


@probe
def heads():
    return True


@probe
def tails():
    return False


COINS = {True: heads, False: tails}
