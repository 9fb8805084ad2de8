"""What sprint 4's hidden tests know by themselves: the network's gradients in numpy, and digits.

Weights are kept as PyTorch keeps them, in the order of `graders.oracles.SHAPES`; Keras' are brought into that form.
Layers are told apart by their shapes, never by names.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.graders.oracles import convolve, forward
from autograder.grading import TensorData, as_numbers, assert_close, check, probe

Array = np.ndarray
Batch = tuple[Array, Array]
MUST_HAVE_SHAPES = (
    "there must be two convolutions and two fully connected layers, with biases, of the sizes in the task"
)


def tensor(values: Any, dtype: str = "float32", framework: str = "torch") -> TensorData:
    """Numbers that arrive in the student's kernel as a tensor."""
    return TensorData(framework, dtype, "cpu" if framework == "torch" else "", np.asarray(values, dtype=dtype))


def close(got: Any, expected: Any, what: str, hint: str = "") -> None:
    """`assert_close` within 1e-5 beside float32's own accuracy, for numbers of the order of 1."""
    assert_close(got, expected, what=what, rtol=1e-4, atol=1e-5, hint=hint)


def log_softmax(z: Array) -> Array:
    """The logarithm of the softmax over the last axis."""
    z = np.asarray(z, dtype=np.float64)
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def cross_entropy(z: Array, y: Array) -> Array:
    """Each sample's cross-entropy."""
    return -log_softmax(z)[np.arange(len(y)), y]


def _widen(g: Array) -> Array:
    return g.repeat(2, axis=2).repeat(2, axis=3)


def logits(weights: Sequence[Array], images: Array) -> Array:
    """What the network answers for images (n, 28, 28)."""
    return forward(weights, images)[0]


def gradients(weights: Sequence[Array], images: Array, g: Array) -> list[Array]:
    """The gradients of sum(g * logits) with respect to each of the weights."""
    _, _, w2, _, w3, _, w4, _ = (np.asarray(w, dtype=np.float64) for w in weights)
    _, (x, pooled1, passes1, pooled2, passes2, flat, hidden) = forward(weights, images)
    g_hidden = (g @ w4) * (hidden > 0)
    g2 = _widen((g_hidden @ w3).reshape(pooled2.shape)) * passes2
    spread = np.pad(g2, ((0, 0), (0, 0), (4, 4), (4, 4)))
    flipped = w2[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    g1 = _widen(convolve(spread, flipped, np.zeros(10))) * passes1
    return [
        _kernel_gradient(x, g1), g1.sum(axis=(0, 2, 3)), _kernel_gradient(pooled1, g2), g2.sum(axis=(0, 2, 3)),
        g_hidden.T @ flat, g_hidden.sum(axis=0), g.T @ hidden, g.sum(axis=0),
    ]  # fmt: skip


def _kernel_gradient(x: Array, g: Array) -> Array:
    return np.einsum("nchwij,nohw->ocij", sliding_window_view(x, (5, 5), axis=(2, 3)), g, optimize=True)


def clearance(weights: Sequence[Array], images: Array) -> Array:
    """How far each image is from a kink: the least distance of a maximum from the next, or of a ReLU from zero."""
    w1, b1, w2, b2, w3, b3, _, _ = (np.asarray(w, dtype=np.float64) for w in weights)
    _, (x, pooled1, _, _, _, flat, _) = forward(weights, images)
    found = [np.abs(flat @ w3.T + b3)]
    for maps in (convolve(x, w1, b1), convolve(pooled1, w2, b2)):
        n, c, height, width = maps.shape
        tiles = maps.reshape(n, c, height // 2, 2, width // 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, -1, 4)
        second, top = np.sort(tiles, axis=2)[:, :, 2:].transpose(2, 0, 1)
        found.append(np.where(top > 0, np.minimum(top, top - second), -top))
    return np.min([part.min(axis=1) for part in found], axis=0)


def arranged(pairs: Any, shapes: Sequence[tuple[int, ...]]) -> list[int]:
    """In which order the layers' (weight, bias, ...) have to be taken to have these shapes.

    Raises
    ------
    CheckFailed
        when there are others.
    """
    check(isinstance(pairs, list), "the layers' weights must be there", got=pairs)
    found = [(as_numbers(pair[0], "a weight").shape, as_numbers(pair[1], "a bias").shape) for pair in pairs]
    wanted = list(zip(shapes[::2], shapes[1::2], strict=True))
    check(sorted(map(str, found)) == sorted(map(str, wanted)), MUST_HAVE_SHAPES, got=found)
    return [found.index(pair) for pair in wanted]


def flat(pairs: Any, order: Sequence[int], at: int = 0) -> list[Array]:
    """Weight, bias, weight, bias, ... of the layers, or what else stands beside them from `at` on, in float64."""
    return [as_numbers(value).astype(np.float64) for place in order for value in pairs[place][at : at + 2]]


@probe
def one_by_one(batches):
    """The same batches from a generator, which gives each of them once and has no length."""
    return (batch for batch in batches)


@probe
def read_once(batches):
    """The same batches from something that has a length and gives each of them once, like a file that is read."""

    class Reader:
        def __len__(self):
            return number

        def __iter__(self):
            while left:
                yield left.pop(0)

    left, number = list(batches), len(batches)
    return Reader()


@probe
def attributes(model):
    """The modules' attributes beside those of every module, with their values if these are simple, and their hooks.

    A forward that was put back is no attribute.
    """
    from torch import nn

    ordinary, found = vars(nn.Module()), []
    for module in model.modules():
        held = vars(module)
        names = [name for name in held if name not in ordinary]
        if getattr(module.forward, "__func__", None) is type(module).forward:
            names = [name for name in names if name != "forward"]
        simple = [name for name in names if isinstance(held[name], int | float | str | None)]
        names = [f"{name} = {held[name]!r}" if name in simple else name for name in names]
        hooks = len(module._forward_hooks) + len(module._forward_pre_hooks)
        found += [f"{type(module).__name__}.{name}" for name in names + hooks * ["hook"]]
    return sorted(found)


@probe
def torch_network(weights):
    """The network in PyTorch with these weights, in the order of `SHAPES`; its names, sorted, are in another order.

    One of the convolutions and one of the linear layers are of classes of their own.
    """
    from collections import OrderedDict

    import torch
    from torch import nn

    class Filters(nn.Conv2d):
        pass

    class Affine(nn.Linear):
        pass

    torch.set_grad_enabled(True)  # whoever's `evaluate` leaves it off has paid for that
    maps = OrderedDict(
        second=Filters(1, 10, 5), pool=nn.MaxPool2d(2), relu=nn.ReLU(),
        first=nn.Conv2d(10, 20, 5), pool_again=nn.MaxPool2d(2), relu_again=nn.ReLU(),
    )  # fmt: skip
    net = nn.Sequential(
        OrderedDict(
            maps=nn.Sequential(maps), flat=nn.Flatten(), hidden=Affine(320, 50), relu=nn.ReLU(), by=nn.Linear(50, 10)
        )
    )
    with torch.no_grad():
        for parameter, values in zip(net.parameters(), weights, strict=True):
            parameter.copy_(torch.from_numpy(values))
    return net


@probe
def torch_layers(net):
    """Weight and bias of each layer that has both, and their gradients as far as there are any."""
    from torch import nn

    found = []
    for layer in net.modules():
        w, b = getattr(layer, "weight", None), getattr(layer, "bias", None)
        if isinstance(w, nn.Parameter) and isinstance(b, nn.Parameter):
            found.append([w.detach(), b.detach(), w.grad, b.grad])
    return found


@probe
def keras_layers(model):
    """Weights and, after each, the bias, in the model's own order; and whether all of them are trainable."""
    weights = model.get_weights()
    pairs = [[w, b] for w, b in zip(weights[::2], weights[1::2], strict=False)]
    return pairs, len(model.trainable_weights) == len(weights)


def descend(
    w: Array, b: Array, batches: Sequence[Batch], rate: float, momentum: float = 0
) -> tuple[Array, Array, Array]:
    """Gradient descent on the mean cross-entropy of x @ w + b; and each sample's loss before its step."""
    w, b, losses = np.asarray(w, dtype=np.float64), np.asarray(b, dtype=np.float64), []
    speed_w, speed_b = np.zeros_like(w), np.zeros_like(b)
    for x, y in batches:
        z = x.astype(np.float64) @ w + b
        losses.append(cross_entropy(z, y))
        error = (np.exp(log_softmax(z)) - np.eye(len(b))[y]) / len(y)
        speed_w, speed_b = momentum * speed_w + x.T @ error, momentum * speed_b + error.sum(axis=0)
        w, b = w - rate * speed_w, b - rate * speed_b
    return w, b, np.concatenate(losses)


def ragged(rng: np.random.Generator, sizes: Sequence[int], features: int = 4, classes: int = 3) -> list[Batch]:
    """Batches of these sizes: float32 inputs and labels, of a spread that makes the batches' losses differ widely."""
    return [
        ((scale * rng.normal(size=(n, features))).astype(np.float32), rng.integers(0, classes, size=n))
        for scale, n in zip(np.linspace(0.5, 3, len(sizes)), sizes, strict=True)
    ]


def sent(
    batches: Sequence[Batch], framework: str = "torch", dtype: str = "float32"
) -> list[tuple[TensorData, TensorData]]:
    """Batches as tensors of a framework, x of this type."""
    return [(tensor(x, dtype, framework), tensor(y, "int64", framework)) for x, y in batches]


def draw_digits(rng: np.random.Generator, counts: Sequence[int]) -> list[Batch]:
    """Disjoint sets of digits, enlarged, moved by up to one pixel, some paler: float32 (n, 28, 28) and labels (n,).

    Which name a digit has is drawn too, so that nothing learned elsewhere helps.
    """
    spec = find_spec("sklearn")
    assert spec is not None
    assert spec.origin is not None
    table = np.loadtxt(Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    table = table[rng.permutation(len(table))[: sum(counts)]]
    mix = np.maximum(0, 1 - np.abs(np.linspace(0, 7, 28)[:, None] - np.arange(8)))
    images = mix @ (table[:, :64].reshape(-1, 8, 8) / 16) @ mix.T
    moves = rng.integers(-1, 2, size=(len(images), 2))
    images = np.stack([np.roll(image, move, axis=(0, 1)) for image, move in zip(images, moves, strict=True)])
    images = (images * rng.uniform(0.8, 1, size=(len(images), 1, 1))).astype(np.float32)
    labels = rng.permutation(10)[table[:, 64].astype(int)]
    ends = np.cumsum(counts)[:-1]
    return list(zip(np.split(images, ends), np.split(labels, ends), strict=True))
