"""Hidden tests of task 2: the gradient of every value on the way."""

from itertools import pairwise

import numpy as np
import pytest

from autograder.graders.chainer_iris.oracles import listed
from autograder.graders.oracles import numeric_gradients
from autograder.grading import assert_close, check, probe


@probe
def tanh_layers(weights):
    import chainer.functions as F

    return [lambda v, w=w: F.tanh(F.matmul(v, w)) for w in weights]


@probe
def to_a_number(layer_gradients, x, upstream):
    """The gradients for one list of layers, at x and at -x. One layer is there twice, and one gives back its input."""
    import chainer
    import chainer.functions as F

    def square(v):
        return v * v

    layers = [square, square, lambda v: v if chainer.config.train else 2 * v, lambda v: F.sum(v)]
    return [list(layer_gradients(layers, at, upstream)) for at in (x, -x)]


def drawn(rng, count):
    """Weights of layers that change the size, an input, and the values after each layer."""
    sizes = [3, 4, 2, 5, 3][: count + 1]
    weights = [rng.normal(size=pair) / 2 for pair in pairwise(sizes)]
    values = [rng.normal(size=(2, 3))]
    for w in weights:
        values.append(np.tanh(values[-1] @ w))
    return weights, values


@pytest.mark.points(1)
@pytest.mark.example(
    "layer_gradients([lambda v: 3 * v, lambda v: v * v], np.array([1.0]), np.array([10.0]))",
    gives=[[180.0], [60.0], [10.0]],
)
def test_every_gradient(student, rng):
    """The gradients of the input and of every layer's result come back, in their order.

    Hint: backward(retain_grad=True), and keep the Variables in a list.
    """
    weights, values = drawn(rng, 4)
    g = rng.normal(size=values[-1].shape)
    got = listed(student.layer_gradients(student.run(tanh_layers, weights), values[0], g), 5, "the gradients")
    for place in range(4):

        def rest(value, place=place):
            for w in weights[place:]:
                value = np.tanh(value @ w)
            return value

        (expected,) = numeric_gradients(rest, [values[place]], g)
        assert_close(got[place], expected, what=f"gradient {place}", rtol=1e-5, atol=1e-7)
    # from a single number Chainer would start with 1 by itself
    x, g = values[0], np.array(rng.uniform(2.0, 3.0))
    both = listed(student.run(to_a_number, student.layer_gradients, x, g), 2, "two calls with the same list of layers")
    for got, at, call in zip(both, (x, -x), ("", ", in a second call with another x"), strict=True):
        got = listed(got, 5, "the gradients for four layers, two of them the same function,")
        for place, expected in enumerate((4 * g * at**3, 2 * g * x**2, *[np.full(x.shape, g)] * 2, g)):
            rtol = 1e-10 if place < 4 else 1e-7  # the last one has a test of its own
            assert_close(got[place], expected, what=f"gradient {place} of five, from a single number{call}", rtol=rtol)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "last = layer_gradients([lambda v: 3 * v, lambda v: v * v], np.array([1.0]), np.array([10.0]))[-1]\n"
    "{'last': last, 'an ndarray': isinstance(last, np.ndarray)}",
    gives={"last": [10.0], "an ndarray": True},
)
def test_last_is_upstream(student, rng):
    """The last gradient is the array that the backward pass started from, and the others are arrays as well.

    Hint: retain_grad=True keeps that one, too. .grad is an array, .grad_var a Variable.
    """
    weights, values = drawn(rng, 2)
    g = rng.normal(size=values[-1].shape)
    got = listed(student.layer_gradients(student.run(tanh_layers, weights), values[0], g), 3, "the gradients")
    assert_close(got[-1], g, what="the last gradient")
    check(np.array_equal(got[-1], g), "the last gradient must be equal to upstream, not only close to it", got=got[-1])
    number = student.run(to_a_number, student.layer_gradients, values[0], np.array(rng.uniform(2.0, 3.0)))[0]
    for gradients in (got, number):
        arrays = all(isinstance(gradient, np.ndarray) for gradient in gradients)
        check(arrays, "the gradients must be ndarrays, also that of a single number", got=gradients)


@pytest.mark.points(0.5)
@pytest.mark.example("layer_gradients([], np.array([1.0]), np.array([10.0]))", gives=[[10.0]])
def test_no_layers(student, rng):
    """Without any layer the input is the result, and its gradient is upstream.

    Hint: begin the list with the input; then nothing special is needed.
    """
    for shape in ((3, 2), (1,)):
        x, g = rng.normal(size=shape), rng.uniform(2.0, 3.0, size=shape)
        (got,) = listed(student.layer_gradients([], x, g), 1, "the gradients")
        assert_close(got, g, what="the only gradient")
