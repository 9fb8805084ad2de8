"""What the hidden tests of several sprints know by themselves: gradients by differences, flowers, and a small CNN.

Nothing here calls the student's code to find out what is right.
"""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Array = np.ndarray
SHAPES = [(10, 1, 5, 5), (10,), (20, 10, 5, 5), (20,), (50, 320), (50,), (10, 50), (10,)]
KERAS_SHAPES = [(5, 5, 1, 10), (10,), (5, 5, 10, 20), (20,), (320, 50), (50,), (50, 10), (10,)]
"""The CNN's 21,840 parameters, as PyTorch keeps them and as Keras and TensorFlow do: weight, bias, weight, bias, ..."""


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


def convolve(x: Array, w: Array, b: Array) -> Array:
    """Cross-correlation without padding: (n, in, h, w) and (out, in, k, k) to (n, out, h - k + 1, w - k + 1)."""
    windows = sliding_window_view(x, w.shape[2:], axis=(2, 3))
    return np.einsum("nchwij,ocij->nohw", windows, w, optimize=True) + b[:, None, None]


def pool(x: Array) -> tuple[Array, Array]:
    """The maximum of each 2 x 2, not below zero, and the gradient of its sum with respect to x."""
    n, c, height, width = x.shape
    tiles = x.reshape(n, c, height // 2, 2, width // 2, 2)
    top = tiles.max(axis=(3, 5), keepdims=True)
    passes = (tiles == top) & (top > 0)
    return np.maximum(top[:, :, :, 0, :, 0], 0), passes.reshape(x.shape)


def forward(weights: Sequence[Array], images: Array) -> tuple[Array, tuple[Array, ...]]:
    """The CNN's logits for images (n, 28, 28), and what is on the way there, in float64, with weights as in `SHAPES`.

    On the way are the images, (n, 1, 28, 28); the pooled maps and the gradient of their sum, (n, 10, 12, 12) and
    (n, 10, 24, 24), (n, 20, 4, 4) and (n, 20, 8, 8); the 320 numbers of each image; and the 50 hidden ones.
    """
    w1, b1, w2, b2, w3, b3, w4, b4 = (np.asarray(w, dtype=np.float64) for w in weights)
    x = np.asarray(images, dtype=np.float64)[:, None]
    pooled1, passes1 = pool(convolve(x, w1, b1))
    pooled2, passes2 = pool(convolve(pooled1, w2, b2))
    flat = pooled2.reshape(len(x), -1)
    hidden = np.maximum(flat @ w3.T + b3, 0)
    return hidden @ w4.T + b4, (x, pooled1, passes1, pooled2, passes2, flat, hidden)


def draw_weights(rng: np.random.Generator) -> list[Array]:
    """Random weights for the CNN, in float32, of a size that keeps numbers of the order of 1 throughout."""
    return [
        rng.normal(size=shape).astype(np.float32)
        * np.float32(np.sqrt(2 / np.prod(shape[1:])) if len(shape) > 1 else 0.1)
        for shape in SHAPES
    ]


def to_keras(weights: Sequence[Array]) -> list[Array]:
    """The same weights as Keras keeps them."""
    w1, b1, w2, b2, w3, b3, w4, b4 = weights
    flat = w3.reshape(50, 20, 4, 4).transpose(2, 3, 1, 0).reshape(320, 50)
    return [w1.transpose(2, 3, 1, 0), b1, w2.transpose(2, 3, 1, 0), b2, flat, b3, w4.T, b4]


def from_keras(weights: Sequence[Array]) -> list[Array]:
    """Keras' weights as PyTorch would keep them."""
    w1, b1, w2, b2, w3, b3, w4, b4 = weights
    rows = w3.reshape(4, 4, 20, 50).transpose(3, 2, 0, 1).reshape(50, 320)
    return [w1.transpose(3, 2, 0, 1), b1, w2.transpose(3, 2, 0, 1), b2, rows, b3, w4.T, b4]
