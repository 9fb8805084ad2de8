"""Hidden tests of task 5: undo the broadcast."""

import numpy as np
import pytest

from autograder.graders.define_by_run.oracles import summed_to
from autograder.grading import assert_close, check, probe, value


@probe
def beside(unbroadcast, grad, shapes):
    for shape in shapes:
        unbroadcast(grad, shape)
    return grad


def compare(student, rng, full, *shapes):
    for shape in shapes:
        grad = rng.normal(size=full)
        got = value(student.unbroadcast(grad, shape))
        assert_close(got, summed_to(grad, shape), what=f"from {full} to {shape}")
        check(isinstance(got, np.ndarray | np.float64), f"from {full} to {shape} must give an ndarray", got=got)


@pytest.mark.points(0.5)
@pytest.mark.example("unbroadcast(np.ones((2, 3)), (3,))", gives=[2.0, 2.0, 2.0])
def test_added_axes(student, rng):
    """Axes that broadcasting had added in front are summed away.

    Hint: numpy aligns shapes at the right, so missing axes are the leading ones.
    """
    compare(student, rng, (3, 3), (3,))
    compare(student, rng, (1, 3), (3,))
    compare(student, rng, (1, 1, 3), (3,))
    compare(student, rng, (2, 3, 4), (4,), (3, 4))
    compare(student, rng, (2, 3, 0), (3, 0))  # no elements, and two axes all the same


@pytest.mark.points(0.5)
@pytest.mark.example("unbroadcast(np.ones((2, 3)), (2, 1))", gives=[[3.0], [3.0]])
def test_stretched_axes(student, rng):
    """Axes that had the length 1 are summed, and keep their place with length 1.

    Hint: keepdims=True. Whatever is longer or shorter than 1 now was stretched.
    """
    compare(student, rng, (3, 3), (3, 1), (1, 3), (1, 1))
    compare(student, rng, (2, 3, 4), (2, 1, 4), (1, 3, 1))
    grad = rng.normal(size=(3, 4))
    grad[1, 2] = np.inf
    got = value(student.unbroadcast(grad, (3, 1)))
    assert_close(got, summed_to(grad, (3, 1)), what="from (3, 4) to (3, 1), where one number is infinite")
    compare(student, rng, (0, 3), (1, 3))  # numpy stretches 1 to 0, too: a sum over no rows


@pytest.mark.points(0.5)
@pytest.mark.example("unbroadcast(np.ones((4, 2, 3)), (2, 1))", gives=[[12.0], [12.0]])
def test_both_kinds_at_once(student, rng):
    """Added and stretched axes together, down to a single number.

    Hint: after the leading axes are gone, the remaining axes count from 0 again.
    """
    compare(student, rng, (2, 3, 4), (3, 1), (1, 4), (1, 1), (1,), ())
    compare(student, rng, (2, 3, 4, 5), (3, 1, 5), (1, 1))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "[unbroadcast(np.ones((2, 2)), (2, 2)).shape, unbroadcast(np.ones((2, 1)), (2, 1)).shape]",
    gives=[(2, 2), (2, 1)],
)
def test_nothing_to_undo(student, rng):
    """A gradient of the right shape comes back with the same values, and is never changed.

    Hint: an axis of length 1 on both sides was not stretched.
    """
    compare(student, rng, (3, 4), (3, 4))
    compare(student, rng, (3, 1), (3, 1))
    compare(student, rng, (), ())
    compare(student, rng, (3, 4), (1, 4))  # or a function that gives back what it gets would pass
    grad = rng.normal(size=(3, 4))
    shapes = [(3, 1), (4,), (1, 1), ()]
    assert_close(student.run(beside, student.unbroadcast, grad, shapes), grad, what="the gradient passed in")
