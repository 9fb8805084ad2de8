"""Are the oracles of the hidden tests themselves right?"""

import numpy as np

from autograder.graders.define_by_run.formulas import division, reshape_of_T, sum_over, typed
from autograder.graders.define_by_run.oracles import descend, summed_to
from autograder.graders.oracles import draw_flowers, iris, numeric_gradients


def test_iris_is_scikit_learns() -> None:
    """Is the file read here what load_iris gives?"""
    from sklearn.datasets import load_iris  # a second of imports, which each worker would pay when it collects tests

    data, target = iris()
    known = load_iris()
    np.testing.assert_array_equal(data, known.data)
    np.testing.assert_array_equal(target, known.target)


def test_differences_find_a_known_gradient() -> None:
    """For f(a, b) = a b^2 and upstream g: g b^2 and 2 g a b."""
    a, b, g = np.random.default_rng(0).normal(size=(3, 2, 2))
    by_a, by_b = numeric_gradients(lambda a, b: a * b**2, [a, b], g)
    np.testing.assert_allclose(by_a, g * b**2, atol=1e-8)
    np.testing.assert_allclose(by_b, 2 * g * a * b, atol=1e-8)


def test_summed_to_is_the_adjoint_of_broadcasting() -> None:
    """Is <broadcast(x), g> = <x, summed_to(g)> for every shape?"""
    rng = np.random.default_rng(0)
    for shape in ((), (4,), (3, 1), (1, 4), (2, 1, 4)):
        x, g = rng.normal(size=shape), rng.normal(size=(2, 3, 4))
        summed = summed_to(g, shape)
        assert summed.shape == shape
        np.testing.assert_allclose(np.sum(np.broadcast_to(x, g.shape) * g), np.sum(x * summed))


def test_descent_follows_differences() -> None:
    """Is one step the learning rate times the numeric gradient of the loss?"""
    rng = np.random.default_rng(0)
    weight, bias, x = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=4)

    def loss(weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        logits = x @ weight + bias
        return np.log(np.exp(logits).sum()) - logits[1]

    by_weight, by_bias = numeric_gradients(loss, [weight, bias], np.ones(()))
    moved, shifted, losses = descend(weight, bias, x, 1, 0.1, 1)
    np.testing.assert_allclose(moved, weight - 0.1 * by_weight, atol=1e-7)
    np.testing.assert_allclose(shifted, bias - 0.1 * by_bias, atol=1e-7)
    np.testing.assert_allclose(losses, [loss(weight, bias)])


def test_drawn_flowers_resemble_iris() -> None:
    """Has each species its own mean?"""
    data, target = iris()
    flowers, species = draw_flowers(np.random.default_rng(0), 3000)
    for kind in range(3):
        np.testing.assert_allclose(flowers[species == kind].mean(0), data[target == kind].mean(0), atol=0.1)


def test_a_formula_is_written_as_a_student_types_it() -> None:
    assert typed(division, ("2.5", "x")) == "2.5 / x"
    assert typed(sum_over, ("x",), {"axis": (-2, -1)}) == "x.sum(axis=(-2, -1), keepdims=False)"
    assert typed(reshape_of_T, ("b",), {"shape": (2, 3)}) == "b.T.reshape(*(2, 3))"
