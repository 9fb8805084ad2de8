"""What the hidden tests of several sprints know by themselves: gradients by differences, and flowers.

Nothing here calls the student's code to find out what is right.
"""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

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
