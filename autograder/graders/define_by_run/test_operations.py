"""Hidden tests of task 7: the operations of a network."""

import numpy as np
import pytest

from autograder.graders.define_by_run.formulas import (
    T_of_reshape,
    attribute_T,
    exp,
    log,
    matmul,
    matmul_with_its_transpose,
    relu,
    requires_grad_of_each,
    reshape,
    reshape_by_lengths,
    reshape_of_T,
    reshape_to_a_number,
    reshapes_in_turn,
    sent,
    sum_by_position,
    sum_over,
    sums_in_turn,
    transpose,
    transposes_in_turn,
)
from autograder.graders.define_by_run.oracles import called, compare_gradients, data_of, data_with, two_passes_add_up
from autograder.grading import as_numbers, assert_close, check, probe


def away_from_zero(rng, shape):
    """Numbers of both signs, at a distance from relu's kink."""
    return rng.uniform(0.2, 2.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)


@probe
def each_goes_back(x, upstream):
    """The upstream gradient after each method of a (3, 3) tensor that gives (3, 3) has had it."""
    for result in (x @ x, x.reshape(3, 3), x.T, x.exp(), (x * x).log(), x.relu(), x.transpose(1, 0)):
        result.backward(upstream)
    return upstream


AXES = (None, 0, -1, (0, 2), (0, -1), (-1, -2), (1,), ())
METHODS = (matmul_with_its_transpose, sum_over, reshape_by_lengths, transpose, attribute_T, exp, log, relu)
NUMPY = {exp: np.exp, log: np.log, relu: lambda a: np.maximum(a, 0.0), sum_by_position: sum_over}
"""What arrays have no method for, or one with other arguments."""


@pytest.mark.points(0.5)
@pytest.mark.example("x = Tensor([[1.0, 2.0], [3.0, 4.0]])\nx.sum(axis=1, keepdims=True).data", gives=[[3.0], [7.0]])
def test_values(student, rng):
    """The methods compute what numpy computes, and record nothing while GradMode.enabled is False.

    Hint: compare the signatures with numpy's: axis and keepdims, -1 in a shape, a permutation of axes.
    """
    a, b = rng.uniform(0.2, 2.0, size=(2, 3, 4)), away_from_zero(rng, (2, 3, 4))
    x, y = student.Tensor(a), student.Tensor(b)
    left, right = a[0], b[1].T
    for one, other, what in ((1, 1, "x @ y"), (0, 1, "array @ y"), (1, 0, "x @ array")):
        operands = student.Tensor(left) if one else left, student.Tensor(right) if other else right
        (got,) = data_of(student, [matmul], *operands)
        assert_close(got, left @ right, what=what)
    both = [{"axis": axis, "keepdims": keepdims} for axis in AXES for keepdims in (False, True)]
    shapes = [{"shape": shape} for shape in ((4, -1), (3, 8))]
    for f, ways in (
        (sum_over, both), (sum_by_position, [{"axis": 1, "keepdims": True}]), (transpose, [{"axes": (1, 2, 0)}]),
        (reshape, shapes), (reshape_by_lengths, shapes), (reshape_of_T, [{"shape": (6, 4)}]),
    ):  # fmt: skip
        got = data_with(student, f, x, ways)
        for data, options in zip(got, ways, strict=True):
            assert_close(data, NUMPY.get(f, f)(a, **options), what=called(f, ("x",), options))
    plain = (transpose, attribute_T, exp, log)
    for f, data in zip(plain, data_of(student, plain, x), strict=True):
        assert_close(data, NUMPY.get(f, f)(a), what=called(f, ("x",)))
    assert_close(y.relu().data, b * (b > 0), what="y.relu()")
    extremes = (exp, [-705.0, -60.0, 705.0]), (log, [1e-300, 1e-20, 1e30]), (relu, [1e-20, -1e30, 1e30, -np.inf])
    for f, extreme in extremes:
        (data,) = data_of(student, [f], student.Tensor(extreme))
        assert_close(data, NUMPY[f](np.array(extreme)), what=f"{called(f, ('x',))} of {extreme}", rtol=1e-10, atol=0)
    z = student.Tensor(a[:, :, 0], requires_grad=True)
    try:
        student.GradMode.enabled = False
        quiet = student.run(requires_grad_of_each, [sent(f) for f in METHODS], z)
    finally:
        student.GradMode.enabled = True
    for f, needs in zip(METHODS, quiet, strict=True):
        check(needs is False, f"{called(f, ('x',))} must record nothing while GradMode.enabled is False", got=needs)
    for f, needs in zip(METHODS, student.run(requires_grad_of_each, [sent(f) for f in METHODS], z), strict=True):
        check(needs is True, f"{called(f, ('x',))} must be recorded, also if it was not the last time", got=needs)


@pytest.mark.points(0.5)
@pytest.mark.needs("arithmetic")
@pytest.mark.example("x = Tensor([-1.0, 2.0])\ny = x.relu()\nx.data", gives=[-1.0, 2.0])
def test_operands_are_not_changed(student, rng):
    """Neither a method nor its backward changes the data of x or of the result; a second backward adds the same.

    Hint: `x[x < 0] = 0` on an array writes into the tensor it came from. What forward leaves on ctx is for every pass.
    """
    for f in METHODS:
        a = rng.uniform(0.2, 2.0, size=(2, 3)) if f is log else away_from_zero(rng, (2, 3))
        before, after = two_passes_add_up(student, rng, f, a, oracle=NUMPY.get(f))
        assert_close(after, before, what=f"the data of {called(f, ('x',))} after its backward")
    g = rng.normal(size=(3, 3))
    upstream = student.run(each_goes_back, student.Tensor(away_from_zero(rng, (3, 3)), requires_grad=True), g)
    assert_close(upstream, g, what="the array that was passed to backward of the methods' results")


@pytest.mark.points(1)
@pytest.mark.example(
    "x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)\n"
    "a = np.array([[5.0, 6.0], [7.0, 8.0]])\n"
    "(a @ x).backward([[1.0, 0.0], [0.0, 0.0]])\n"
    "to_numpy(x.grad)",
    gives=[[5.0, 0.0], [6.0, 0.0]],
)
def test_gradients_of_matmul(student, rng):
    """Gradients of x @ y, for square matrices too, where a forgotten transpose does not show in the shape.

    Hint: g @ y.T for x, x.T @ g for y.
    """
    for n, k, m in ((2, 3, 4), (3, 3, 3), (1, 4, 1)):
        compare_gradients(student, rng, matmul, rng.normal(size=(n, k)), rng.normal(size=(k, m)))
    left, right = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    compare_gradients(student, rng, matmul, rng.normal(size=(3, 4)), operands=(left, "x"))
    compare_gradients(student, rng, matmul, rng.normal(size=(2, 3)), operands=("x", right))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)\nx.sum(axis=1).backward([1.0, 10.0])\nto_numpy(x.grad)",
    gives=[[1.0, 1.0], [10.0, 10.0]],
)
def test_gradients_of_sum(student, rng):
    """Gradients of sum over one, several or all axes, each without keepdims.

    Hint: put the axis that vanished back before you stretch; for a square array the wrong axis has the right shape.
    """
    for axis in (None, 0, 1, -1, (0, 2), (1, 0), (2, 0), (0, -1), (-2, -1), (-1, -3), (1,), ()):
        compare_gradients(student, rng, sum_over, rng.normal(size=(3, 3, 3)), axis=axis)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)\n"
    "x.sum(axis=1, keepdims=True).backward([[1.0], [10.0]])\n"
    "to_numpy(x.grad)",
    gives=[[1.0, 1.0], [10.0, 10.0]],
)
def test_gradients_of_sum_with_keepdims(student, rng):
    """Gradients of sum with keepdims=True, also of two sums in turn.

    Hint: no axis has vanished, so none must be put back. What a sum remembers belongs on its own ctx.
    """
    for axis in (None, 0, 1, -1, (0, 2)):
        compare_gradients(student, rng, sum_over, rng.normal(size=(2, 3, 4)), axis=axis, keepdims=True)
    compare_gradients(student, rng, sums_in_turn, rng.normal(size=(2, 3)))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)\n"
    "x.reshape((1, 4)).backward([[5.0, 6.0, 7.0, 8.0]])\n"
    "to_numpy(x.grad)",
    gives=[[5.0, 6.0], [7.0, 8.0]],
)
def test_gradients_of_reshape(student, rng):
    """The gradient of reshape has the shape of the input, every element in its old place.

    Hint: remember the input's shape in forward.
    """
    for shape in ((4, 3), (12,), (-1, 2, 3)):
        compare_gradients(student, rng, reshape, rng.normal(size=(3, 4)), shape=shape)
        compare_gradients(student, rng, reshape_by_lengths, rng.normal(size=(3, 4)), shape=shape)
    compare_gradients(student, rng, reshape_of_T, rng.normal(size=(3, 4)), shape=(2, 6))
    compare_gradients(student, rng, T_of_reshape, rng.normal(size=(3, 4)), shape=(2, 6))
    compare_gradients(student, rng, reshapes_in_turn, rng.normal(size=(3, 4)))
    compare_gradients(student, rng, reshape_to_a_number, rng.normal(size=(1, 1)))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor(np.ones((1, 2, 3)), requires_grad=True)\n"
    "x.transpose(1, 2, 0).backward([[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]])\n"
    "to_numpy(x.grad)",
    gives=[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]],
)
def test_gradients_of_transpose(student, rng):
    """The gradients of transpose and of x.T go back through the inverse permutation.

    Hint: (1, 2, 0) is not its own inverse: np.argsort gives the inverse. A cube hides the mistake in its shape.
    """
    for axes in ((1, 2, 0), (2, 0, 1), (0, 2, 1), ()):
        compare_gradients(student, rng, transpose, rng.normal(size=(3, 3, 3)), axes=axes)
    compare_gradients(student, rng, attribute_T, rng.normal(size=(2, 3)))
    compare_gradients(student, rng, transposes_in_turn, rng.normal(size=(3, 3, 3)))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0, 4.0], requires_grad=True)\nx.log().backward([1.0, 10.0, 100.0])\nto_numpy(x.grad)",
    gives=[1.0, 5.0, 25.0],
)
def test_gradients_of_exp_and_log(student, rng):
    """Gradients of exp and log, also of the log of what is nearly 0.

    Hint: multiply by the gradient that comes in; the derivative alone is only half of it. x > 0 needs no bound.
    """
    compare_gradients(student, rng, exp, rng.normal(size=(2, 3)), oracle=np.exp)
    compare_gradients(student, rng, log, rng.uniform(0.5, 2.0, size=(2, 3)), oracle=np.log)
    x = student.Tensor([1e-20, 4.0], requires_grad=True)
    x.log().backward(np.array([1e-20, 1.0]))
    assert_close(x.grad, [1.0, 0.25], what="x.grad behind x.log() of [1e-20, 4.0]")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([-1.0, 2.0, 3.0], requires_grad=True)\nx.relu().backward([10.0, -20.0, 30.0])\nto_numpy(x.grad)",
    gives=[0.0, -20.0, 30.0],
)
def test_gradients_of_relu(student, rng):
    """The gradient of relu passes where the input was positive, whatever its own sign; at 0 its slope is from 0 to 1.

    Hint: the mask belongs to x, not to g.
    """
    compare_gradients(student, rng, relu, away_from_zero(rng, (4, 5)), oracle=NUMPY[relu])
    x = student.Tensor([0.0, 1.5, 1e-20, -1e-20], requires_grad=True)
    x.relu().backward(np.full(4, 2.0))
    slope = as_numbers(x.grad, "x.grad") / 2.0
    check(slope.shape == (4,) and 0.0 <= slope[0] <= 1.0, "at 0 the slope must be from 0 to 1", got=slope)
    assert_close(slope[1:], [1.0, 1.0, 0.0], what="the slope at 1.5, 1e-20 and -1e-20")
