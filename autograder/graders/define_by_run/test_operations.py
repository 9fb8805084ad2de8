"""Hidden tests of task 7: the operations of a network."""

import numpy as np
import pytest

from autograder.graders.define_by_run.oracles import compare_gradients, goes_back_again
from autograder.grading import as_numbers, assert_close, check, probe, value


def away_from_zero(rng, shape):
    """Numbers of both signs, at a distance from relu's kink."""
    return rng.uniform(0.2, 2.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)


@probe
def each_goes_back(x, upstream):
    """The upstream gradient after each method of a (3, 3) tensor that gives (3, 3) has had it."""
    for result in (x @ x, x.reshape(3, 3), x.T, x.exp(), (x * x).log(), x.relu(), x.transpose(1, 0)):
        result.backward(upstream)
    return upstream


METHODS = {
    "x @ x.T": lambda x: x @ x.T,
    "sum": lambda x: x.sum(axis=0),
    "reshape": lambda x: x.reshape(3, 2),
    "transpose": lambda x: x.transpose(),
    "x.T": lambda x: x.T,
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "relu": lambda x: x.relu(),
}


@pytest.mark.points(0.5)
@pytest.mark.example("x = Tensor([[1.0, 2.0], [3.0, 4.0]])\nx.sum(axis=1, keepdims=True).data", gives=[[3.0], [7.0]])
def test_values(student, rng):
    """The methods compute what numpy computes, and record nothing while GradMode.enabled is False.

    Hint: compare the signatures with numpy's: axis and keepdims, -1 in a shape, a permutation of axes.
    """
    a, b = rng.uniform(0.2, 2.0, size=(2, 3, 4)), away_from_zero(rng, (2, 3, 4))
    x, y = student.Tensor(a), student.Tensor(b)
    assert_close((student.Tensor(a[0]) @ student.Tensor(b[1].T)).data, a[0] @ b[1].T, what="x @ y")
    assert_close((a[0] @ student.Tensor(b[1].T)).data, a[0] @ b[1].T, what="array @ y")
    assert_close((student.Tensor(a[0]) @ b[1].T).data, a[0] @ b[1].T, what="x @ array")
    assert_close(x.sum(1, True).data, a.sum(axis=1, keepdims=True), what="x.sum(1, True)")
    for axis in (None, 0, -1, (0, 2), (0, -1), (1,)):
        for keepdims in (False, True):
            what = f"x.sum(axis={axis}, keepdims={keepdims})"
            assert_close(x.sum(axis=axis, keepdims=keepdims).data, a.sum(axis=axis, keepdims=keepdims), what=what)
    assert_close(x.reshape(4, -1).data, a.reshape(4, -1), what="x.reshape(4, -1)")
    assert_close(x.reshape((3, 8)).data, a.reshape(3, 8), what="x.reshape((3, 8))")
    assert_close(x.T.reshape(6, 4).data, a.T.reshape(6, 4), what="x.T.reshape(6, 4)")
    assert_close(x.transpose(1, 2, 0).data, a.transpose(1, 2, 0), what="x.transpose(1, 2, 0)")
    assert_close(x.transpose().data, a.T, what="x.transpose()")
    assert_close(x.T.data, a.T, what="x.T")
    assert_close(x.exp().data, np.exp(a), what="x.exp()")
    assert_close(x.log().data, np.log(a), what="x.log()")
    assert_close(y.relu().data, b * (b > 0), what="y.relu()")
    z = student.Tensor(a[:, :, 0], requires_grad=True)
    try:
        student.GradMode.enabled = False
        quiet = {what: f(z) for what, f in METHODS.items()}
    finally:
        student.GradMode.enabled = True
    for what, result in quiet.items():
        check(value(result.requires_grad) is False, f"{what} must record nothing while GradMode.enabled is False")


@pytest.mark.points(0.5)
@pytest.mark.example("x = Tensor([-1.0, 2.0])\ny = x.relu()\nx.data", gives=[-1.0, 2.0])
def test_operands_are_not_changed(student, rng):
    """Neither a method nor its backward changes the data of x or of the result; a second backward adds the same.

    Hint: `x[x < 0] = 0` on an array writes into the tensor it came from. What forward leaves on ctx is for every pass.
    """
    for what, f in METHODS.items():
        a = rng.uniform(0.2, 2.0, size=(2, 3)) if what == "log" else away_from_zero(rng, (2, 3))
        x = student.Tensor(a, requires_grad=True)
        y = f(x)
        result, g = value(y.data), rng.normal(size=y.shape)
        y.backward(g)
        goes_back_again(y, g, x, what)
        assert_close(x.data, a, what=f"x.data after {what}")
        assert_close(y.data, result, what=f"the data of the result of {what} after its backward")
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
        compare_gradients(student, rng, lambda x, y: x @ y, rng.normal(size=(n, k)), rng.normal(size=(k, m)))
    left, right = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    compare_gradients(student, rng, lambda y: left @ y, rng.normal(size=(3, 4)))
    compare_gradients(student, rng, lambda x: x @ right, rng.normal(size=(2, 3)))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)\nx.sum(axis=1).backward([1.0, 10.0])\nto_numpy(x.grad)",
    gives=[[1.0, 1.0], [10.0, 10.0]],
)
def test_gradients_of_sum(student, rng):
    """Gradients of sum over one, several or all axes, each without keepdims.

    Hint: put the axis that vanished back before you stretch; for a square array the wrong axis has the right shape.
    """
    for axis in (None, 0, 1, -1, (0, 2), (1, 0), (2, 0), (0, -1), (1,)):
        compare_gradients(student, rng, lambda x, axis=axis: x.sum(axis=axis), rng.normal(size=(3, 3, 3)))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)\n"
    "x.sum(axis=1, keepdims=True).backward([[1.0], [10.0]])\n"
    "to_numpy(x.grad)",
    gives=[[1.0, 1.0], [10.0, 10.0]],
)
def test_gradients_of_sum_with_keepdims(student, rng):
    """Gradients of sum with keepdims=True.

    Hint: no axis has vanished, so none must be put back.
    """
    for axis in (None, 0, 1, -1, (0, 2)):
        compare_gradients(
            student, rng, lambda x, axis=axis: x.sum(axis=axis, keepdims=True), rng.normal(size=(2, 3, 4))
        )


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
        compare_gradients(student, rng, lambda x, shape=shape: x.reshape(shape), rng.normal(size=(3, 4)))
        compare_gradients(student, rng, lambda x, shape=shape: x.reshape(*shape), rng.normal(size=(3, 4)))
    compare_gradients(student, rng, lambda x: x.T.reshape(2, 6), rng.normal(size=(3, 4)))
    compare_gradients(student, rng, lambda x: x.reshape(2, 6).T, rng.normal(size=(3, 4)))


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
        compare_gradients(
            student, rng, lambda x, axes=axes: x.transpose(*axes), rng.normal(size=(3, 3, 3)),
            oracle=lambda a, axes=axes: a.transpose(axes or None),
        )  # fmt: skip
    compare_gradients(student, rng, lambda x: x.T, rng.normal(size=(2, 3)))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0, 4.0], requires_grad=True)\nx.log().backward([1.0, 10.0, 100.0])\nto_numpy(x.grad)",
    gives=[1.0, 5.0, 25.0],
)
def test_gradients_of_exp_and_log(student, rng):
    """Gradients of exp and log.

    Hint: multiply by the gradient that comes in; the derivative alone is only half of it.
    """
    compare_gradients(student, rng, lambda x: x.exp(), rng.normal(size=(2, 3)), oracle=np.exp)
    compare_gradients(student, rng, lambda x: x.log(), rng.uniform(0.5, 2.0, size=(2, 3)), oracle=np.log)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([-1.0, 2.0, 3.0], requires_grad=True)\nx.relu().backward([10.0, -20.0, 30.0])\nto_numpy(x.grad)",
    gives=[0.0, -20.0, 30.0],
)
def test_gradients_of_relu(student, rng):
    """The gradient of relu passes where the input was positive, whatever its own sign; at 0 its slope is from 0 to 1.

    Hint: the mask belongs to x, not to g.
    """
    compare_gradients(
        student, rng, lambda x: x.relu(), away_from_zero(rng, (4, 5)), oracle=lambda a: np.maximum(a, 0.0)
    )  # fmt: skip
    x = student.Tensor([0.0, 1.5], requires_grad=True)
    x.relu().backward(np.array([2.0, 2.0]))
    slope = as_numbers(x.grad, "x.grad") / 2.0
    check(slope.shape == (2,) and 0.0 <= slope[0] <= 1.0, "at 0 the slope must be from 0 to 1", got=slope)
