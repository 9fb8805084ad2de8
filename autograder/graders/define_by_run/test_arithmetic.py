"""Hidden tests of task 6: arithmetic. Gradients are compared with differences, for a random upstream gradient."""

import operator

import numpy as np
import pytest

from autograder.graders.define_by_run.oracles import compare_gradients, goes_back_again
from autograder.grading import assert_close, probe

BINARY = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow}


@probe
def both_sides(x, array, upstream):
    """The array and the upstream gradient after each operator had the array on either side, and went back."""
    for result in (x + array, x - array, x * array, x / array, x**array, -x):
        result.backward(upstream)
    for result in (array + x, array - x, array * x, array / x, array**x):
        result.backward(upstream)
    return array, upstream


def positive(rng, shape=()):
    """Numbers well away from 0, where every operator is smooth."""
    return rng.uniform(0.5, 2.0, size=shape)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor(4.0)\n[float(y.data) for y in (x + 0.5, x - 0.5, x * 0.5, x / 0.5, x**0.5)]",
    gives=[4.5, 3.5, 2.0, 8.0, 2.0],
)
def test_values(student, rng):
    """The operators compute what numpy computes, with a tensor, a number or an array on the right.

    Hint: one Function per operator; forward is the numpy expression, and the operator passes on what it is given.
    """
    a, b = positive(rng, (2, 3)), positive(rng, (2, 3))
    x = student.Tensor(a)
    for symbol, f in BINARY.items():
        assert_close(f(x, student.Tensor(b)).data, f(a, b), what=f"x {symbol} y")
        for number in (2.5, 3, np.int64(2)):
            assert_close(f(x, number).data, f(a, number), what=f"x {symbol} {number!r}")
        assert_close(f(x, b).data, f(a, b), what=f"x {symbol} array")
    assert_close((-x).data, -a, what="-x")


@pytest.mark.points(0.5)
@pytest.mark.example("x = Tensor(4.0)\n[float(y.data) for y in (2.0 - x, 2.0 / x, 2.0**x)]", gives=[-2.0, 0.5, 16.0])
def test_reflected_values(student, rng):
    """With a number or an array on the left, the operands keep their order.

    Hint: in __rsub__(self, other) self stands on the right: other - self.
    """
    a, b = positive(rng, (2, 3)), positive(rng, (2, 3))
    x = student.Tensor(a)
    for symbol, f in BINARY.items():
        for number in (2.5, 3, np.int64(2)):
            assert_close(f(number, x).data, f(number, a), what=f"{number!r} {symbol} x")
        assert_close(f(b, x).data, f(b, a), what=f"array {symbol} x")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\n(8.0 / x).backward([1.0, 10.0])\nto_numpy(x.grad)",
    gives=[-8.0, -20.0],
)
def test_reflected_gradients(student, rng):
    """With a number or an array on one side, the gradient reaches the tensor on the other, in the shape of the tensor.

    Hint: a tensor on the right is the second operand, so it gets the second gradient. Every operation leaves a record,
    also x ** 0 and x - x.
    """
    for symbol, f in BINARY.items():
        array = positive(rng, (2, 3))
        for other in (2.5, 1, array) if symbol in ("/", "**") else (2.5, 0, 1, array):
            compare_gradients(student, rng, lambda x, f=f, other=other: f(other, x), positive(rng, (2, 3)))
            compare_gradients(student, rng, lambda x, f=f, other=other: f(x, other), positive(rng, (2, 3)))
        compare_gradients(student, rng, lambda x, f=f: f(x, x), positive(rng, (2, 3)))
        row = positive(rng, (4,))
        compare_gradients(student, rng, lambda x, f=f, row=row: f(row, x), positive(rng, (3, 1)))
        compare_gradients(student, rng, lambda x, f=f, row=row: f(x, row), positive(rng, (3, 1)))
    compare_gradients(student, rng, lambda x: x**0, positive(rng, (2, 3)))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)\n"
    "(-x - y).backward([1.0, 10.0])\n"
    "[to_numpy(t.grad).tolist() for t in (x, y)]",
    gives=[[-1.0, -10.0], [-1.0, -10.0]],
)
def test_gradients_of_sums(student, rng):
    """Gradients of x + y, x - y and -x.

    Hint: what is subtracted has a minus sign in its gradient.
    """
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    compare_gradients(student, rng, lambda x, y: x + y, a, b)
    compare_gradients(student, rng, lambda x, y: x - y, a, b)
    compare_gradients(student, rng, lambda x: -x, a)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)\n"
    "(x * y).backward([1.0, 10.0])\n"
    "[to_numpy(t.grad).tolist() for t in (x, y)]",
    gives=[[3.0, 40.0], [1.0, 20.0]],
)
def test_gradients_of_products(student, rng):
    """Gradients of x * y.

    Hint: each operand's gradient is g times the other operand.
    """
    compare_gradients(student, rng, lambda x, y: x * y, rng.normal(size=(2, 3)), rng.normal(size=(2, 3)))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, y = Tensor([6.0, 8.0], requires_grad=True), Tensor([2.0, 4.0], requires_grad=True)\n"
    "(x / y).backward([1.0, 10.0])\n"
    "[to_numpy(t.grad).tolist() for t in (x, y)]",
    gives=[[0.5, 2.5], [-1.5, -5.0]],
)
def test_gradients_of_quotients(student, rng):
    """Gradients of x / y.

    Hint: the denominator's gradient is -g * x / y ** 2.
    """
    compare_gradients(student, rng, lambda x, y: x / y, rng.normal(size=(2, 3)), positive(rng, (2, 3)))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([-2.0, 3.0], requires_grad=True)\n(x**3).backward([1.0, 10.0])\nto_numpy(x.grad)",
    gives=[12.0, 270.0],
)
def test_gradients_of_powers(student, rng):
    """Gradients of x ** y, with respect to the base and to the exponent, and of x ** 3 for negative x and for 0.

    Hint: b * a ** (b - 1) needs no logarithm of a and no division by it, so a base that is negative or 0 is fine as
    long as only it wants a gradient.
    """
    compare_gradients(student, rng, lambda x, y: x**y, positive(rng, (2, 3)), rng.normal(size=(2, 3)))
    compare_gradients(student, rng, lambda x: x**3, -positive(rng, (2, 3)))
    for exponent in (1, 2, 3):
        compare_gradients(student, rng, lambda x, n=exponent: x**n, np.array([0.0, 1.5]))
    x = student.Tensor([0.0, 4.0], requires_grad=True)
    (x**1.5).backward(np.array([2.0, 2.0]))
    assert_close(x.grad, np.array([0.0, 6.0]), what="the gradient of x ** 1.5, also where x is 0")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "row = Tensor([2.0, 4.0, 8.0], requires_grad=True)\n"
    "column = Tensor([[2.0], [4.0]], requires_grad=True)\n"
    "(row / column).backward([[1.0, 0.0, 0.0], [0.0, 0.0, 2.0]])\n"
    '{"row": to_numpy(row.grad).tolist(), "column": to_numpy(column.grad).tolist()}',
    gives={"row": [0.5, 0.0, 0.5], "column": [[-0.5], [-1.0]]},
)
def test_column_with_row(student, rng):
    """A (3, 1) column and a (4,) row give (3, 4), and gradients of their own shapes.

    Hint: unbroadcast each gradient to the shape of its operand, in every operator.
    """
    for f in BINARY.values():
        compare_gradients(student, rng, f, positive(rng, (3, 1)), positive(rng, (4,)))
        compare_gradients(student, rng, f, positive(rng, (4,)), positive(rng, (3, 1)))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "n, x = Tensor(8.0, requires_grad=True), Tensor([2.0, 4.0], requires_grad=True)\n"
    "(n / x).backward([1.0, 10.0])\n"
    '{"n": to_numpy(n.grad).tolist(), "x": to_numpy(x.grad).tolist()}',
    gives={"n": 3.0, "x": [-2.0, -5.0]},
)
def test_with_a_single_number(student, rng):
    """A tensor of shape () goes with any other, and its gradient has the shape ().

    Hint: unbroadcast to () sums over everything.
    """
    for f in BINARY.values():
        compare_gradients(student, rng, f, positive(rng, (2, 3)), positive(rng))
        compare_gradients(student, rng, f, positive(rng), positive(rng, (2, 3)))


@pytest.mark.points(0.5)
@pytest.mark.example("x = Tensor([2.0, 4.0])\ny = x / 2.0\nx.data", gives=[2.0, 4.0])
def test_operands_are_not_changed(student, rng):
    """Neither the operators nor their backward change the data of their operands; a second backward adds the same.

    Hint: `a -= b` on an array writes into the tensor it came from.
    """
    a, b = positive(rng, (2, 3)), positive(rng, (2, 3))
    for symbol, f in BINARY.items():
        x, y = student.Tensor(a, requires_grad=True), student.Tensor(b, requires_grad=True)
        result, g = f(x, y), rng.normal(size=a.shape)
        result.backward(g)
        goes_back_again(result, g, x, f"x {symbol} y")
        assert_close(x.data, a, what=f"x.data after x {symbol} y")
        assert_close(y.data, b, what=f"y.data after x {symbol} y")
    g = rng.normal(size=a.shape)
    array, upstream = student.run(both_sides, x, b, g)
    assert_close(array, b, what="an array after the operators had it on either side of x")
    assert_close(upstream, g, what="the array that was passed to backward of these results")
