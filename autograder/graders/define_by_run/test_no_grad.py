"""Hidden tests of task 8: not recording. Each begins with the switch on, whatever the last one left."""

from contextlib import contextmanager

import numpy as np
import pytest

from autograder.graders.define_by_run.oracles import no_gradient
from autograder.grading import assert_close, check, probe, same, value

pytestmark = pytest.mark.needs("arithmetic")


@probe
def leave_by_exception(no_grad, x, kind):
    """Whether x * x was recorded in the block, and whether what was raised came out of it."""

    class Planned(BaseException):
        pass

    planned = {"KeyError": KeyError, "KeyboardInterrupt": KeyboardInterrupt}.get(kind, Planned)("planned")
    needs_gradient = True
    try:
        with no_grad():
            needs_gradient = (x * x).requires_grad
            raise planned
    except (KeyError, KeyboardInterrupt, Planned) as error:
        return needs_gradient, error is planned
    return needs_gradient, False


@contextmanager
def recording(student, rng):
    """A leaf in a notebook that records, and goes on recording afterwards whatever the test left."""
    student.GradMode.enabled = True
    try:
        yield student.Tensor(rng.normal(size=3), requires_grad=True)
    finally:
        student.GradMode.enabled = True


def recorded(y):
    """Whether the operation that made y left a record."""
    return value(y.requires_grad) is True and len(list(y.parents)) > 0


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\nwith no_grad():\n    y = x * x\ny.requires_grad, tuple(y.parents)",
    gives=(False, ()),
)
def test_nothing_is_recorded_inside(student, rng):
    """Inside the block the switch is off, results require no gradient and have no parents; the values are the same.

    Hint: set GradMode.enabled to False before the block begins.
    """
    with recording(student, rng) as x:
        before, g = x * x, rng.normal(size=3)
        with student.no_grad():
            y = x * x
            before.backward(g)
            switch = value(student.GradMode.enabled)
            others = {"x + 1": x + 1, "1 - x": 1 - x, "x / 2": x / 2, "x ** 2": x**2, "-x": -x}
        check(switch is False, "GradMode.enabled must be False inside the block, also after a backward", got=switch)
        check(not recorded(y), "nothing may be recorded inside the block")
        for what, result in others.items():
            check(value(result.requires_grad) is False, f"nothing may be recorded inside the block, not {what}")
        assert_close(y.data, value(x) ** 2, what="x * x inside the block")
        assert_close(x.grad, 2 * g * value(x), what="x.grad of x * x from before the block, by a backward inside it")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\nwith no_grad():\n    x * x\n(x * x).requires_grad",
    gives=True,
)
def test_recording_goes_on_after(student, rng):
    """After the block everything is recorded again, as often as it is used.

    Hint: put the old value back when the block ends.
    """
    with recording(student, rng) as x:
        for _ in range(2):
            with student.no_grad():
                y = x * x
            check(not recorded(y), "nothing may be recorded inside the block")
            check(recorded(x * x), "operations after the block must be recorded")


@pytest.mark.points(1)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\n"
    "caught = False\n"
    "try:\n"
    "    with no_grad():\n"
    '        raise KeyError("planned")\n'
    "except KeyError:\n"
    "    caught = True\n"
    '{"caught": caught, "recorded after": (x * x).requires_grad}',
    gives={"caught": True, "recorded after": True},
)
def test_switch_is_restored_after_an_exception(student, rng):
    """An exception in the block reaches the caller, and afterwards recording is on again; Jupyter's stop button is one.

    Hint: restore in `finally`, which also runs for a KeyboardInterrupt; do not catch the exception.
    """
    for kind in ("KeyError", "KeyboardInterrupt", "BaseException"):
        with recording(student, rng) as x:
            inside, caught = student.run(leave_by_exception, student.no_grad, x, kind)
            check(value(inside) is False, "nothing may be recorded inside the block")
            check(caught is True, f"a {kind} in the block must reach the caller")
            check(recorded(x * x), f"operations after a {kind} in the block must be recorded")
            student.GradMode.enabled = False
            student.run(leave_by_exception, student.no_grad, x, kind)
            check(not recorded(x * x), f"after a {kind} in the block the switch must be off if it was off before")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\n"
    "with no_grad():\n"
    "    with no_grad():\n"
    "        x * x\n"
    "    inside = (x * x).requires_grad\n"
    '{"inside": inside, "after": (x * x).requires_grad}',
    gives={"inside": False, "after": True},
)
def test_blocks_can_be_nested(student, rng):
    """The end of an inner block does not switch recording on in the outer one, nor where GradMode.enabled was False.

    Hint: restore what was there before, not True. A block begins and ends with `with`, not with the call of no_grad.
    """
    with recording(student, rng) as x:
        outer, inner = student.no_grad(), student.no_grad()
        check(recorded(x * x), "operations before a block must be recorded, also when no_grad() has been called for it")
        with outer:
            with inner:
                pass
            y = x * x
        check(not recorded(y), "after the inner block, the outer one must still record nothing")
        check(recorded(x * x), "operations after both blocks must be recorded")
        student.GradMode.enabled = False
        with student.no_grad():
            pass
        check(not recorded(x * x), "where GradMode.enabled was set to False, a block must leave it False")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\n"
    "cut = (x * x).detach()\n"
    "(x * cut).backward([1.0, 10.0])\n"
    '{"x.grad": to_numpy(x.grad).tolist(), "cut.requires_grad": cut.requires_grad}',
    gives={"x.grad": [1.0, 40.0], "cut.requires_grad": False},
)
def test_detach_cuts_the_history(student, rng):
    """A detached tensor has the same data, requires no gradient, and lets none through.

    Hint: a new Tensor with the same data has neither parents nor requires_grad.
    """
    with recording(student, rng) as x:
        a, g = value(x), rng.normal(size=3)
        y = x * x
        cut = y.detach()
        assert_close(cut.data, a**2, what="the detached data")
        check(not recorded(cut) and value(cut.requires_grad) is False, "a detached tensor must require no gradient")
        check(len(list(cut.parents)) == 0, "a detached tensor must be a leaf: it has no parents")
        (x * cut).backward(g)
        assert_close(x.grad, g * a**2, what="x.grad of x * (x * x).detach()")
        check(no_gradient(cut.grad), "the detached tensor must get no gradient", got=cut.grad)
        check(recorded(y), "the tensor that was detached from must keep its own history")
        cut.requires_grad = True
        cut.backward(g)
        assert_close(cut.grad, g, what="cut.grad after cut.backward(g), when a detached tensor was told to require one")
        assert_close(x.grad, g * a**2, what="x.grad after cut.backward(g) with cut = (x * x).detach()")
        none = np.zeros((0, 3))
        for what, tensor, data in (("leaf with a gradient", x, a), ("constant", student.Tensor(none), none)):
            cut = tensor.detach()
            check(not same(cut, tensor), f"a detached {what} must be a new tensor")
            check(value(cut.requires_grad) is False, f"a detached {what} must require no gradient")
            check(no_gradient(cut.grad), f"a detached {what} must have no gradient", got=cut.grad)
            assert_close(cut.data, data, what=f"the data of a detached {what}")
        check(value(x.requires_grad) is True, "a leaf that was detached from must still require a gradient")
