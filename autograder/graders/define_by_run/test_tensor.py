"""Hidden tests of task 1: a tensor."""

import numpy as np
import pytest

from autograder.graders.define_by_run.oracles import no_gradient
from autograder.grading import assert_close, check, is_a, raises, same, value


@pytest.mark.points(1)
@pytest.mark.example("str(Tensor([1, 2]).data.dtype)", gives="float64")
def test_data_is_float64(student, rng):
    """Numbers, lists and arrays of any dtype become a float64 array of the same shape; what does not is an error.

    Hint: np.asarray(data, dtype=np.float64) converts integers too, and raises for words and for ragged rows.
    """
    whole = rng.integers(-9, 9, size=(2, 3))
    rare = np.array([[np.nan, np.inf, -0.5]], dtype=np.float16), np.zeros((0, 3), dtype=np.int16)
    dressed = (whole.astype(np.float32), whole.astype(np.uint8), whole > 0, np.float32(0.1), *rare)
    for given in (int(whole[0, 0]), [[2.5]], whole.tolist(), whole, *dressed):
        data = value(student.Tensor(given).data)
        check(isinstance(data, np.ndarray | np.float64), "data must be a numpy array", got=data)
        check(data.dtype == np.float64, "the dtype of data must be float64", got=str(data.dtype))
        assert_close(data, np.asarray(given, dtype=np.float64), what="data")
    for refused in ("three", ["one", "two"], [[1.0, 2.0], [3.0]], [1.0, 2j]):
        with raises("ValueError", "TypeError"):
            student.Tensor(refused)


@pytest.mark.points(1)
@pytest.mark.example("x = Tensor([1.0, 2.0])\nx.requires_grad, tuple(x.parents)", gives=(False, ()))
def test_starts_as_a_leaf(student, rng):
    """A new tensor has no parents and no gradient, and requires one only if asked to; its attributes can be assigned.

    Hint: requires_grad is False by default, parents is () at first, grad is None (or zeros).
    """
    for given, asked in (((), {}), ((), {"requires_grad": True}), ((False,), {}), ((True,), {})):
        x = student.Tensor(rng.normal(size=3), *given, **asked)
        wanted = True in (*given, *asked.values())
        after = ", ".join(("data", *map(repr, given), *(f"{name}={flag}" for name, flag in asked.items())))
        check(value(x.requires_grad) is wanted, f"requires_grad must be {wanted} after Tensor({after})")
        parents = x.parents
        check(is_a(parents, tuple) and len(parents) == 0, "the parents of a leaf must be the tuple ()", got=parents)
        check(no_gradient(x.grad), "grad must be None or zeros before any backward pass", got=x.grad)
    assigned, parent = rng.normal(size=(1, 2)), student.Tensor(1.0)
    x.data, x.parents, x.grad, x.requires_grad = 3 * assigned, (parent,), 2 * assigned, False
    x.data = assigned  # whatever is assigned last, the others stay
    assert_close(x.data, assigned, what="data, after it was assigned")
    shape = x.shape
    check(
        is_a(shape, tuple) and tuple(shape) == (1, 2),
        "after data was assigned, shape must be the shape of the new data",
        got=shape,
    )
    check(value(x.requires_grad) is False, "requires_grad must be what it was assigned", got=x.requires_grad)
    assert_close(x.grad, 2 * assigned, what="grad, after it was assigned")
    parents = list(x.parents)
    check(len(parents) == 1 and same(parents[0], parent), "parents must be what they were assigned", got=len(parents))
