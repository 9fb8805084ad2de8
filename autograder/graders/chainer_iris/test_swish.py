"""Hidden tests of task 5: a function of one's own, against numpy and finite differences."""

import numpy as np
import pytest

from autograder.graders.chainer_iris.oracles import listed, parameter, swish, swish_slopes, variable
from autograder.graders.oracles import numeric_gradients
from autograder.grading import assert_close, check, probe, type_name, value


@probe
def about_the_creator(y, x, beta, kind):
    function = getattr(y, "creator", None)
    inputs = [node.get_variable_or_none() for node in getattr(function, "inputs", ())]
    found = [any(v is w for w in inputs) for v in (x, beta)]
    return [isinstance(function, kind), type(function).__name__, found, len(inputs)]


@probe
def there_and_back(swish, x, beta, g):
    import chainer

    y = swish(chainer.Variable(x), chainer.Variable(beta))
    y.grad = g
    y.backward()
    return [y.array, x, beta, g]


SIZES = ((4, 3), (3, 3), (3, 1), (1, 3), (1, 1))
"""Shapes of x: in a square one only the text says whether beta belongs to the columns."""


def drawn(rng, n=4, d=3):
    """x (n, d), beta (d,) and an upstream gradient; one of several x is 0, and one of several beta."""
    x, beta, g = rng.normal(size=(n, d)), rng.normal(scale=2.0, size=d), rng.normal(size=(n, d))
    if n * d > 1:
        x[0, 0] = 0.0
    if d > 1:
        beta[-1] = 0.0
    return x, beta, g


def large(size):
    """x and beta, one of them large, with every pair of signs; in the last three columns their product is small.

    A second row has no large x.
    """
    x = np.array([[size, -size, size, -size, 2.0, -2.0, size, size, 1 / size], [0.5] * 9])
    return x, np.array([1.0, 1.0, -1.0, -1.0, size, size, 0.0, 1 / size, size])


def variables(student, *arrays):
    """The arrays as leaves."""
    return [student.run(variable, array) for array in arrays]


def there_and_back_again(student, x, beta, g):
    """swish of Variables or arrays, and a backward pass from g."""
    y = student.swish(x, beta)
    y.grad = g
    y.backward()
    return y


@pytest.mark.points(1)
@pytest.mark.example(
    "swish(np.array([[2.0, 1.0]]), np.array([0.0, np.log(3.0)])).array  # 2 / 2 and 3 / 4",
    gives=[[1.0, 0.75]],
)
def test_values(student, rng):
    """swish is x * sigmoid(beta * x), with a beta for each column.

    Hint: in forward everything is an ndarray; beta broadcasts over the rows.
    """
    for n, d in SIZES:
        x, beta, _ = drawn(rng, n, d)
        y = student.swish(*variables(student, x, beta))
        assert_close(y, swish(x, beta), what=f"swish(x, beta) for x of shape {(n, d)}")
    y, other = student.swish(x, beta), student.swish(-x, beta)
    check(type_name(y).endswith("Variable"), "the result for two arrays must be a Variable as well", got=y)
    assert_close(y, swish(x, beta), what="swish(x, beta) for two arrays, after the next call")
    assert_close(other, swish(-x, beta), what="swish(-x, beta), that next call")


@pytest.mark.points(1)
@pytest.mark.example(
    "x, beta = Variable(np.array([[2.0, 1.0]])), Variable(np.array([0.0, np.log(3.0)]))\n"
    "y = swish(x, beta)\n"
    "y.grad = np.array([[2.0, 4.0]])\n"
    "y.backward()\n"
    "x.grad",
    gives=[[1.0, 3.823959]],
)
def test_gradient_of_x(student, rng):
    """The gradient of x is the slope in each place, weighted by the gradient that came in.

    Hint: g * (s + t * s * (1 - s)) with t = beta * x and s = sigmoid(t).
    """
    arrays = [drawn(rng, n, d) for n, d in SIZES]
    leaves = [variables(student, x, beta) for x, beta, _ in arrays]
    results = [student.swish(*pair) for pair in leaves]  # all of them before the first way back
    for y, (x, beta, g), (leaf, _) in zip(results, arrays, leaves, strict=True):
        y.grad = g
        y.backward()
        expected = numeric_gradients(swish, [x, beta], g)[0]
        assert_close(leaf.grad, expected, what=f"the gradient of x of shape {x.shape}", rtol=1e-5, atol=1e-7)


@pytest.mark.points(1)
@pytest.mark.example(
    "x, beta = Variable(np.array([[1.0], [2.0]])), Variable(np.array([0.0]))\n"
    "y = swish(x, beta)\n"
    "y.grad = np.array([[1.0], [10.0]])\n"
    "y.backward()\n"
    "beta.grad  # 1 * 1 / 4 + 10 * 4 / 4",
    gives=[10.25],
)
def test_gradient_of_beta(student, rng):
    """The gradient of beta has the shape of beta: the sum of what each row contributes.

    Hint: F.sum(g * x * x * s * (1 - s), axis=0).
    """
    for n, d in SIZES:
        x, beta, g = drawn(rng, n, d)
        leaves = variables(student, x, beta)
        y = there_and_back_again(student, *leaves, g)
        expected = numeric_gradients(swish, [x, beta], g)[1]
        assert_close(leaves[1].grad, expected, what="the gradient of beta", rtol=1e-5, atol=1e-7)
    y.grad = g
    y.backward()
    assert_close(leaves[1].grad, 2 * expected, what="what two ways back add up to in beta", rtol=1e-5, atol=1e-7)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, beta = Variable(np.array([[2.0, 1.0]])), Variable(np.array([0.0, np.log(3.0)]))\n"
    "y = swish(x, beta)\n"
    "inputs = [node.get_variable_or_none() for node in y.creator.inputs]\n"
    "[isinstance(y.creator, Swish), inputs[0] is x, inputs[1] is beta]",
    gives=[True, True, True],
)
def test_one_function(student, rng):
    """The graph holds one function, a Swish, whose inputs are x and beta.

    Hint: Swish().apply((x, beta)) makes it; a product of Chainer's own functions would be several.
    """
    x, beta, _ = drawn(rng)
    leaves = variables(student, x, beta)
    for given in ((x, beta), (x, leaves[1]), (leaves[0], beta), leaves):
        got = student.run(about_the_creator, student.swish(*given), *leaves, student.Swish)
        right, name, found, count = listed(got, 4, "what was found")
        check(right is True, "the creator must be a Swish, also where x, beta or both are arrays", got=name)
    check(found == [True, True] and count == 2, "its inputs must be x and beta themselves", got=count)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, beta = np.array([[1.0], [2.0]]), Variable(np.array([0.0]))\n"
    "y = swish(x, beta)\n"
    "y.grad = np.array([[1.0], [10.0]])\n"
    "y.backward()\n"
    "beta.grad",
    gives=[10.25],
)
def test_constants(student, rng):
    """x or beta may be a plain array: then the other one has its gradient all the same.

    Hint: give back both gradients always, or pick by target_input_indexes.
    """
    x, beta, g = drawn(rng)
    expected = numeric_gradients(swish, [x, beta], g)
    only_beta = student.run(parameter, beta)
    there_and_back_again(student, x, only_beta, g)
    assert_close(only_beta.grad, expected[1], what="the gradient of beta", rtol=1e-5, atol=1e-7)
    (only_x,) = variables(student, x)
    there_and_back_again(student, only_x, beta, g)
    assert_close(only_x.grad, expected[0], what="the gradient of x", rtol=1e-5, atol=1e-7)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Variable(np.array([[1000.0, -1000.0]]))\n"
    "y = swish(x, np.ones(2))\n"
    "y.grad = np.array([[2.0, 2.0]])\n"
    "y.backward()\n"
    "{'y': y.array, 'gradient': x.grad}",
    gives={"y": [[1000.0, 0.0]], "gradient": [[2.0, 0.0]]},
)
def test_large_inputs(student, rng):
    """Large inputs give numbers: x where beta * x is large, 0 where it is largely negative, and the formula in between.

    Hint: exp(1000) is infinite. tanh and F.sigmoid are not.
    """
    double = [*large(float(rng.uniform(900.0, 1100.0))), rng.normal(size=(2, 9))]
    for kind, rtol in (("float64", 1e-7), ("float32", 1e-5)):
        x, beta, g = (array.astype(kind) for array in double)
        leaves, (of_x, of_beta) = variables(student, x, beta), swish_slopes(*double[:2])
        y = there_and_back_again(student, *leaves, g)
        assert_close(y, swish(*double[:2]), what=f"swish of large numbers ({kind})", rtol=rtol)
        assert_close(leaves[0].grad, g * of_x, what=f"the gradient of x, for large numbers ({kind})", rtol=rtol)
        what, of_beta = f"the gradient of beta, for large numbers ({kind})", (g * of_beta).sum(axis=0)
        assert_close(leaves[1].grad, of_beta, what=what, rtol=rtol)
    x, beta = 1e300 * np.sign(double[0][:1, :4]), double[1][:4]
    assert_close(student.swish(x, beta), x * (beta * x > 0), what="swish of numbers as large as 1e300")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, beta = Variable(np.ones((2, 1), dtype='float32')), Variable(np.ones(1, dtype='float32'))\n"
    "y = swish(x, beta)\n"
    "y.grad = np.ones((2, 1), dtype='float32')\n"
    "y.backward()\n"
    "[str(array.dtype) for array in (y.array, x.grad, beta.grad)]",
    gives=["float32", "float32", "float32"],
)
def test_single_precision(student, rng):
    """float32 stays float32, and float16 stays float16, there and back.

    Hint: no astype, and no float64 arrays of your own.
    """
    for kind, tolerance in (("float32", 1e-5), ("float16", 1e-2)):
        x, beta, g = (array.astype(kind) for array in drawn(rng))
        leaves = variables(student, x, beta)
        y = there_and_back_again(student, *leaves, g)
        for what, got in (("result", y), ("gradient of x", leaves[0].grad), ("gradient of beta", leaves[1].grad)):
            came = str(getattr(value(got), "dtype", type(value(got)).__name__))
            check(came == kind, f"the {what} must be {kind} where x and beta are", got=came)
        expected = swish(x.astype(float), beta.astype(float))
        assert_close(y, expected, what=f"swish(x, beta) in {kind}", rtol=tolerance, atol=tolerance)


@pytest.mark.points(0.5)
@pytest.mark.example("x = np.array([[2.0, 1.0]])\nswish(x, np.ones(2))\nx", gives=[[2.0, 1.0]])
def test_nothing_is_changed(student, rng):
    """x, beta and the gradient that comes in are as they were.

    Hint: a *= b writes into an array that belongs to somebody else; a * b makes a new one.
    """
    for arrays in (drawn(rng), (*large(1000.0), rng.normal(size=(2, 9)))):
        y, *got = listed(student.run(there_and_back, student.swish, *arrays), 4, "the result, and what was passed in")
        for name, array, before in zip(("x", "beta", "the gradient that came in"), got, arrays, strict=True):
            assert_close(array, before, what=f"{name}, afterwards")
        assert_close(y, swish(*arrays[:2]), what="swish(x, beta)")
