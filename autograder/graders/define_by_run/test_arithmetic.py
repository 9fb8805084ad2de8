"""Hidden tests of task 6: arithmetic. Gradients are compared with differences, for a random upstream gradient."""

import numpy as np
import pytest

from autograder.graders.define_by_run.formulas import (
    addition,
    division,
    in_company,
    multiplication,
    negation,
    power,
    subtraction,
)
from autograder.graders.define_by_run.oracles import compare_gradients, data_of, two_passes_add_up
from autograder.grading import as_numbers, assert_close, check, probe

BINARY = {"+": addition, "-": subtraction, "*": multiplication, "/": division, "**": power}
NUMBERS = (2.5, 3, np.int64(2))


@probe
def both_sides(x, array, upstream):
    """The array and the upstream gradient after each operator had the array on either side, and went back."""
    for result in (x + array, x - array, x * array, x / array, x**array, -x):
        result.backward(upstream)
    for result in (array + x, array - x, array * x, array / x, array**x):
        result.backward(upstream)
    return array, upstream


@probe
def neutral(x):
    """Of results that equal x, whether each has a record of its own."""
    results = x + 0, 0 + x, x - 0, x * 1, 1 * x, x / 1, x**1
    return [y is not x and y.requires_grad is True and len(y.parents) > 0 for y in results]


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
    a, b, whole = positive(rng, (2, 3)), positive(rng, (2, 3)), rng.integers(1, 4, size=(2, 3)).astype(np.uint8)
    x, arrays = student.Tensor(a), (("array", b, b), ("array of uint8", whole, whole))
    for what, given, other in (("y", student.Tensor(b), b), *arrays, *((repr(n), n, n) for n in NUMBERS)):
        got = data_of(student, BINARY.values(), x, given)
        for data, (symbol, f) in zip(got, BINARY.items(), strict=True):
            assert_close(data, f(a, other), what=f"x {symbol} {what}")
    assert_close((-x).data, -a, what="-x")
    rare = (power, "x ** 3", [-2.0, 0.0, 3.0], 3), (division, "x / array", [3.0, -3.0], np.array([1e-20, -1e20]))
    for f, what, left, right in rare:
        (data,) = data_of(student, [f], student.Tensor(left), right)
        assert_close(data, f(np.array(left), right), what=f"{what} for x = {left}", rtol=1e-10, atol=0)


@pytest.mark.points(0.5)
@pytest.mark.example("x = Tensor(4.0)\n[float(y.data) for y in (2.0 - x, 2.0 / x, 2.0**x)]", gives=[-2.0, 0.5, 16.0])
def test_reflected_values(student, rng):
    """With a number or an array on the left, the operands keep their order.

    Hint: in __rsub__(self, other) self stands on the right: other - self.
    """
    a, b, whole = positive(rng, (2, 3)), positive(rng, (2, 3)), rng.integers(1, 4, size=(2, 3)).astype(np.uint8)
    x = student.Tensor(a)
    for what, other in (("array", b), ("array of uint8", whole), *((repr(n), n) for n in NUMBERS)):
        got = data_of(student, BINARY.values(), other, x)
        for data, (symbol, f) in zip(got, BINARY.items(), strict=True):
            assert_close(data, f(other, a), what=f"{what} {symbol} x")
    (data,) = data_of(student, [power], -2.0, student.Tensor([2.0, 3.0, 0.0]))
    assert_close(data, [4.0, -8.0, 1.0], what="(-2.0) ** x for whole x")
    (data,) = data_of(student, [subtraction], 2.0, student.Tensor([2.0, 2.0]))
    positive_zero = not np.signbit(as_numbers(data)).any()
    check(positive_zero, "2.0 - x must be 0.0 where x is 2.0: 1 / (2.0 - x) is inf", got=data)


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
        array, left = positive(rng, (2, 3)), positive(rng, (2, 3))
        left[0, 0] = 0.0 if symbol != "**" else 1.0
        for other in (2.5, 1, array) if symbol in ("/", "**") else (2.5, 0, 1, array):
            for operands in ((left if other is array else other, "x"), ("x", other)):
                compare_gradients(student, rng, f, positive(rng, (2, 3)), operands=operands)
        compare_gradients(student, rng, f, positive(rng, (2, 3)), operands=("x", "x"))
        row = positive(rng, (4,))
        for operands in ((row, "x"), ("x", row)):
            compare_gradients(student, rng, f, positive(rng, (3, 1)), operands=operands)
    compare_gradients(student, rng, power, positive(rng, (2, 3)), operands=("x", 0))
    records = student.run(neutral, student.Tensor(positive(rng, (2, 3)), requires_grad=True))
    check(all(said is True for said in records), "x + 0, x * 1 and the like must be new tensors with a record")


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
    compare_gradients(student, rng, addition, a, b)
    compare_gradients(student, rng, subtraction, a, b)
    compare_gradients(student, rng, negation, a)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)\n"
    "(x * y).backward([1.0, 10.0])\n"
    "[to_numpy(t.grad).tolist() for t in (x, y)]",
    gives=[[3.0, 40.0], [1.0, 20.0]],
)
def test_gradients_of_products(student, rng):
    """Gradients of x * y, also where a factor is 0.

    Hint: each operand's gradient is g times the other operand.
    """
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    a[0, 0], b[1, 1] = 0.0, 0.0
    compare_gradients(student, rng, multiplication, a, b)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, y = Tensor([6.0, 8.0], requires_grad=True), Tensor([2.0, 4.0], requires_grad=True)\n"
    "(x / y).backward([1.0, 10.0])\n"
    "[to_numpy(t.grad).tolist() for t in (x, y)]",
    gives=[[0.5, 2.5], [-1.5, -5.0]],
)
def test_gradients_of_quotients(student, rng):
    """Gradients of x / y, also where y is nearly 0.

    Hint: the denominator's gradient is -g * x / y ** 2, for every y.
    """
    compare_gradients(student, rng, division, rng.normal(size=(2, 3)), positive(rng, (2, 3)))
    y = student.Tensor([1e-8, 2.0], requires_grad=True)
    (1.0 / y).backward(np.array([1e-16, 1.0]))
    assert_close(y.grad, [-1.0, -0.25], what="y.grad behind 1.0 / y of [1e-8, 2.0]")


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
    compare_gradients(student, rng, power, positive(rng, (2, 3)), rng.normal(size=(2, 3)))
    compare_gradients(student, rng, power, -positive(rng, (2, 3)), operands=("x", np.array([2.0, 3.0, -1.0])))
    for exponent in (1, 2, 3):
        compare_gradients(student, rng, power, np.array([0.0, 1.5, -2.0]), operands=("x", exponent))
    x = student.Tensor([0.0, 4.0], requires_grad=True)
    (x**1.5).backward(np.array([2.0, 2.0]))
    assert_close(x.grad, np.array([0.0, 6.0]), what="the gradient of x ** 1.5, also where x is 0")
    y = student.Tensor([0.5, 2.0], requires_grad=True)
    (student.Tensor([1e-20, 4.0]) ** y).backward(np.array([1e10, 1.0]))
    assert_close(y.grad, [np.log(1e-20), 16.0 * np.log(4.0)], what="y.grad behind x ** y, also where x is nearly 0")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "row = Tensor([2.0, 4.0, 8.0], requires_grad=True)\n"
    "column = Tensor([[2.0], [4.0]], requires_grad=True)\n"
    "(row / column).backward([[1.0, 0.0, 0.0], [0.0, 0.0, 2.0]])\n"
    '{"row": to_numpy(row.grad).tolist(), "column": to_numpy(column.grad).tolist()}',
    gives={"row": [0.5, 0.0, 0.5], "column": [[-0.5], [-1.0]]},
)
def test_column_with_row(student, rng):
    """A (3, 1) column and a (4,) row give (3, 4), and gradients of their own shapes; (1, 3) is another shape than (3,).

    Hint: unbroadcast each gradient to the shape of its operand, in every operator.
    """
    for f in BINARY.values():
        compare_gradients(student, rng, f, positive(rng, (3, 1)), positive(rng, (4,)))
        compare_gradients(student, rng, f, positive(rng, (4,)), positive(rng, (3, 1)))
    for one, other in (((3,), (1, 3)), ((1, 3), (3,))):
        compare_gradients(student, rng, in_company, positive(rng, one), positive(rng, other))


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
    for f in BINARY.values():
        two_passes_add_up(student, rng, f, a, b)
    two_passes_add_up(student, rng, negation, a)
    g = rng.normal(size=a.shape)
    array, upstream = student.run(both_sides, student.Tensor(a, requires_grad=True), b, g)
    assert_close(array, b, what="an array after the operators had it on either side of x")
    assert_close(upstream, g, what="the array that was passed to backward of these results")
