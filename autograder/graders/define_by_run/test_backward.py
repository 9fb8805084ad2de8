"""Hidden tests of task 4: the backward pass.

They use only the notebook's Plus and Times, and operations the grader brings along. What runs in the student's process
is in :mod:`autograder.graders.define_by_run.in_process`.
"""

import numpy as np
import pytest

from autograder.graders.define_by_run import in_process
from autograder.graders.define_by_run.oracles import no_gradient
from autograder.grading import StudentError, assert_close, check, raises, type_name, value


def leaves(student, rng, count, shape=(2, 3)):
    """So many leaves with random data, as tensors and as arrays."""
    arrays = [rng.normal(size=shape) for _ in range(count)]
    return [student.Tensor(a, requires_grad=True) for a in arrays], arrays


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\nTimes.apply(x, [3.0, 4.0]).backward([10.0, 100.0])\nto_numpy(x.grad)",
    gives=[30.0, 400.0],
)
def test_upstream_gradient(student, rng):
    """Every gradient is weighted by the gradient that backward was given, an array, a list or a number.

    Hint: the walk begins with `grad`, not with ones. An operation of one input may return its gradient without a tuple.
    """
    (x, w), (a, b) = leaves(student, rng, 2)
    g = rng.normal(size=a.shape)
    y = student.Times.apply(x, w)
    student.Times.apply(g, g)  # leaves no record, and does not touch that of y
    x.data = 2 * a
    y.backward(grad=g)
    assert_close(x.grad, g * b, what="x.grad")
    assert_close(w.grad, g * a, what="w.grad, where other data was assigned to x after x * w had been computed")
    by, number = float(rng.uniform(2.0, 3.0)), float(rng.normal())
    for in_a_tuple in (False, True):
        scaling = student.run(in_process.scaling, student.Function, by, in_a_tuple)
        for call, given in enumerate((g, g.tolist(), np.zeros((0, 3)), number)):
            x = student.Tensor(rng.normal(size=np.shape(given)), requires_grad=True)
            scaling.apply(x).backward(given)
            assert_close(x.grad, (by + call) * np.asarray(given), what="x.grad behind an operation of one input")
    scaling.apply(x).backward(0)
    assert_close(x.grad, (by + call) * np.asarray(number), what="x.grad after a second pass that began with 0")
    alone = student.Tensor(a, requires_grad=True)
    alone.backward(g)
    assert_close(alone.grad, g, what="x.grad after x.backward(g) of a leaf x")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([[2.0]], requires_grad=True)\nTimes.apply(x, [[3.0]]).backward()\nto_numpy(x.grad)",
    gives=[[3.0]],
)
def test_single_number_starts_with_one(student, rng):
    """A result of one number needs no gradient to start from: backward() begins with 1.

    Hint: when grad is None and the tensor has one element, use ones of its shape.
    """
    scaling = student.run(in_process.scaling, student.Function, 3.0, False)
    for call, shape in enumerate(((), (1, 1))):
        (x, w), (a, b) = leaves(student, rng, 2, shape)
        student.Times.apply(x, w).backward()
        assert_close(x.grad, b, what="x.grad")
        assert_close(w.grad, a, what="w.grad")
        alone = student.Tensor(a, requires_grad=True)
        scaling.apply(alone).backward()
        assert_close(alone.grad, np.full(shape, 3.0 + call), what="x.grad behind an operation of one input")


@pytest.mark.points(0.5)
@in_process.SEVERAL_NUMBERS
def test_several_numbers_need_a_gradient(student, rng):
    """backward() of several numbers without a gradient is an error, and with one of another shape, also of one number.

    Hint: raise RuntimeError or ValueError; do not guess ones, and do not let numpy broadcast. (1, 1) is not ().
    """
    (x, w), _ = leaves(student, rng, 2)
    several = student.Times.apply(x, w)
    with raises("RuntimeError", "ValueError"):
        several.backward()
    for wrong in ((3,), (3, 2), (6,), (1, 2, 3), ()):
        with raises("RuntimeError", "ValueError"):
            several.backward(rng.normal(size=wrong))
    for shape, wrong in (((1, 1), ()), ((), (1,))):
        (x,), _ = leaves(student, rng, 1, shape)
        with raises("RuntimeError", "ValueError"):
            student.Times.apply(x, x).backward(rng.normal(size=wrong))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\nTimes.apply(x, x).backward([1.0, 10.0])\nto_numpy(x.grad)",
    gives=[2.0, 40.0],
)
def test_same_input_twice(student, rng):
    """In x * x the tensor x receives the gradients of both of its places.

    Hint: the two parents are one object; add both contributions.
    """
    (x,), (a,) = leaves(student, rng, 1)
    g = rng.normal(size=a.shape)
    student.Times.apply(x, x).backward(g)
    assert_close(x.grad, 2 * g * a, what="x.grad after (x * x).backward(g)")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\n"
    "Plus.apply(Times.apply(x, [3.0, 4.0]), Times.apply(x, [5.0, 6.0])).backward([1.0, 10.0])\n"
    "to_numpy(x.grad)",
    gives=[8.0, 100.0],
)
def test_diamond(student, rng):
    """A leaf that reaches the result by two paths receives the sum over both.

    Hint: add to what has arrived before, never replace it.
    """
    (x, v, w), (a, b, c) = leaves(student, rng, 3)
    g = rng.normal(size=a.shape)
    student.Plus.apply(student.Times.apply(x, v), student.Times.apply(x, w)).backward(g)
    assert_close(x.grad, g * (b + c), what="x.grad of x * v + x * w")


@pytest.mark.points(0.5)
@in_process.SHORT_AND_LONG
def test_paths_of_different_length(student, rng):
    """A tensor in the middle passes its gradient on only when all of it has arrived.

    Hint: this needs a topological order; a queue reaches the tensor on the short path too early.
    """
    for short_first in (True, False):
        (x, v), (a, b) = leaves(student, rng, 2)
        g = rng.normal(size=a.shape)
        h = student.Times.apply(x, x)
        longer = student.Times.apply(student.Times.apply(h, v), v)
        student.Plus.apply(*((h, longer) if short_first else (longer, h))).backward(g)
        assert_close(x.grad, g * 2 * a * (1 + b**2), what="x.grad of h + h * v * v with h = x * x")


@pytest.mark.points(1)
@in_process.LADDER
@pytest.mark.timeout(2)
def test_each_operation_once(student, rng):
    """On a ladder of 30 steps y = y + y, and one more step, each operation's backward is called exactly once.

    Hint: walking every path separately would take 2 ** 30 calls. Visit tensors, not paths.
    """
    g = rng.normal(size=2)
    x = student.Tensor(rng.normal(size=2), requires_grad=True)
    calls = student.run(in_process.climb, student.Function, x, 30, g)
    check(calls == 31, "31 operations must give 31 calls of backward", got=calls)
    assert_close(x.grad, g * 2.0**30, what="x.grad after 30 doublings")
    calls = student.run(in_process.climb, student.Function, x, 3, np.zeros(2))
    check(calls == 4, "4 operations must give 4 calls of backward, also for a gradient of zeros", got=calls)


@pytest.mark.points(0.5)
@in_process.TWO_PASSES
def test_passes_add_up_in_leaves(student, rng):
    """A second backward pass adds its gradient to the one a leaf already has, and keeps its kind.

    Hint: leaf.grad = leaf.grad + new, unless there was none; a sum of arrays is an array, one of Tensors is a Tensor.
    """
    (x, v, w), (_, b, c) = leaves(student, rng, 3)
    g, h = rng.normal(size=b.shape), rng.normal(size=b.shape)
    student.Times.apply(x, v).backward(g)
    kind = type_name(x.grad)
    student.Times.apply(x, w).backward(h)
    assert_close(x.grad, g * b + h * c, what="x.grad after two passes")
    after = type_name(x.grad)
    check(
        after == kind, "an ndarray or a Tensor: after a second pass grad must be what it was after the first", got=after
    )
    v.grad = x.grad
    student.Times.apply(v, w).backward(g)
    assert_close(v.grad, g * b + h * c + g * c, what="v.grad after another gradient was assigned to it, and a pass")
    first, whole = student.Tensor(rng.normal(size=b.shape), requires_grad=True), rng.integers(1, 9, size=b.shape)
    student.Plus.apply(first, v).backward(whole)
    student.Plus.apply(first, v).backward(h)
    assert_close(first.grad, whole + h, what="x.grad after a pass with whole numbers and one with others")
    first.backward(g)
    assert_close(first.grad, whole + h + g, what="x.grad after two passes and x.backward(g)")


@pytest.mark.points(0.5)
@in_process.FORGOTTEN
def test_zero_grad(student, rng):
    """After zero_grad a leaf has no gradient, as at first, and the next pass starts from nothing.

    Hint: set .grad to None or to zeros, whichever it was at first, and leave the data alone.
    """
    (x, w), (a, b) = leaves(student, rng, 2)
    first, kind = value(x.grad), type_name(x.grad)
    student.Times.apply(x, w).backward(np.where(b == b.max(), np.inf, 1.0))
    x.zero_grad()
    check(no_gradient(x.grad), "grad must be None or zeros after zero_grad, also if it was infinite", got=x.grad)
    again = type_name(x.grad) == kind and np.shape(value(x.grad)) == np.shape(first)
    check(again, "after zero_grad, grad must be None if it was None at first, and zeros if it was zeros", got=x.grad)
    assert_close(x.data, a, what="x.data after zero_grad")
    w.requires_grad = False
    w.zero_grad()
    check(no_gradient(w.grad), "zero_grad must also forget the gradient of a leaf that has been frozen", got=w.grad)
    g = rng.normal(size=a.shape)
    y = student.Times.apply(x, w)
    y.backward(g)
    y.zero_grad()
    assert_close(x.grad, g * b, what="x.grad of the pass after zero_grad, and after zero_grad of the result")
    c = student.Tensor(b)
    kind = type_name(c.grad)
    c.zero_grad()
    again = type_name(c.grad) == kind
    check(again, "zero_grad must leave the grad of a constant as it was at first, None or zeros", got=c.grad)


def goes_back(y, g):
    """Whether one more pass through y's graph is made; a graph that was freed must raise RuntimeError."""
    try:
        y.backward(g)
    except StudentError as error:
        check("RuntimeError" in error.types, "a pass through a freed graph must raise RuntimeError", got=error.types[0])
        return False
    return True


@pytest.mark.points(0.5)
@in_process.TWICE
def test_second_pass_through_the_same_graph(student, rng):
    """A second pass adds gradients of its own, also where the first broke off; through a freed graph: RuntimeError.

    Hint: tensors in between must forget what they passed on: only leaves accumulate across passes.
    """
    (x, v, w), (_, b, c) = leaves(student, rng, 3)
    g, another = rng.normal(size=b.shape), rng.normal(size=b.shape)
    y = student.Times.apply(student.Times.apply(x, v), w)
    y.backward(g)
    assert_close(x.grad, g * b * c, what="x.grad after the first pass")
    if goes_back(y, another):
        assert_close(x.grad, (g + another) * b * c, what="x.grad after a second pass through the same graph")
    (x,), _ = leaves(student, rng, 1)
    h = student.Times.apply(x, v)
    student.Times.apply(h, w).backward(g)
    other = student.Times.apply(h, v)  # another result of the same graph
    assert_close(x.grad, g * b * c, what="x.grad after a pass through h * w with h = x * v")
    if goes_back(other, g):
        assert_close(x.grad, g * b * c + g * b * b, what="x.grad after passes through h * w and h * v with h = x * v")
    (x,), _ = leaves(student, rng, 1)
    given = student.Function, student.Plus, student.GradMode, x, g
    recorded, through = student.run(in_process.broken_off, *given)
    check(recorded is True, "after a pass that broke off, operations must be recorded as before", got=recorded)
    if through:
        assert_close(x.grad, 2 * g, what="x.grad of a pass after one that an operation's backward had ended")


@pytest.mark.points(0.5)
@in_process.LONG_CHAIN
def test_long_chain(student, rng):
    """A chain of 5,000 operations is walked back without a recursion error.

    Hint: no recursion, neither in the order nor in the walk.
    """
    (x, shift), (a, _) = leaves(student, rng, 2, (2,))
    y = student.run(in_process.long_chain, student.Plus, x, shift, 5000)
    g = rng.normal(size=a.shape)
    y.backward(g)
    assert_close(x.grad, g, what="x.grad behind 5,000 additions")


@pytest.mark.points(0.5)
@in_process.SEPARATE
def test_gradients_are_separate_arrays(student, rng):
    """Writing into one tensor's gradient changes neither another's nor the array that was passed in.

    Hint: Plus.backward returns the same array twice, and another operation may return a new one twice. Copy before you
    store.
    """
    one_array, views = (student.run(in_process.doubling, student.Function, by_a_view) for by_a_view in (False, True))
    for operation, factor in ((student.Plus, 1.0), (one_array, 2.0), (views, 2.0)):
        (a, b), _ = leaves(student, rng, 2, (3,))
        g = rng.normal(size=3)
        passed_in = student.run(in_process.write_into_one_gradient, operation, a, b, g)
        assert_close(b.grad, factor * g, what="b.grad after writing into a.grad")
        assert_close(passed_in, g, what="the array passed to backward, after writing into a.grad")
    three, _ = leaves(student, rng, 3, (3,))
    passed_in, before, after = student.run(in_process.write_into_gradients_between, student.Plus, *three, g)
    for x in three:
        assert_close(x.grad, g, what="a leaf's gradient after writing into those of the tensors in between")
    assert_close(passed_in, g, what="the array passed to backward, after writing into the result's gradient")
    if before is not None:
        assert_close(after, before, what="y.grad of z = y + c, after writing into z.grad")
    passed_in = student.run(in_process.write_into_the_gradient_of, student.Tensor(np.ones(3), requires_grad=True), g)
    assert_close(passed_in, g, what="the array passed to x.backward(g) of a leaf x, after writing into x.grad")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\n"
    "g = np.array([5.0, 6.0])\n"
    "Plus.apply(Plus.apply(x, x), x).backward(g)\n"
    "g",
    gives=[5.0, 6.0],
)
def test_inputs_are_not_changed(student, rng):
    """backward leaves the gradient it was given, and all data, as they were.

    Hint: `a = a + b` makes a new array, `a += b` writes into one that may belong to somebody else.
    """
    (x,), (a,) = leaves(student, rng, 1)
    g = rng.normal(size=a.shape)
    passed_in = student.run(in_process.pass_back, student.Plus, x, g)
    assert_close(passed_in, g, what="the array passed to backward")
    assert_close(x.data, a, what="x.data")
    check(not no_gradient(x.grad), "x must have a gradient afterwards", got=x.grad)


@pytest.mark.points(0.5)
@in_process.ONE_BRANCH
def test_only_the_path_taken(student, rng):
    """When a function branches, only the parameters on the branch that was taken receive a gradient.

    Hint: start from the tensor backward is called on; what other runs recorded is none of its business.
    """
    (v, w), (b, _) = leaves(student, rng, 2)

    def branching(x, positive):
        return student.Times.apply(x, v if positive else w)

    first, second, g = (rng.normal(size=b.shape) for _ in range(3))
    branching(first, True).backward(g)
    check(no_gradient(w.grad), "the parameter of the other branch must have no gradient", got=w.grad)
    branching(second, False).backward(g)
    assert_close(v.grad, g * first, what="the gradient of a parameter that the second run did not use")
    assert_close(w.grad, g * second, what="the gradient of the parameter that it used")
    (x, v, w, u), (_, b, c, _) = leaves(student, rng, 4)
    h = student.Times.apply(x, v)
    unused = student.Times.apply(h, u)
    student.Times.apply(h, w).backward(g)
    assert_close(x.grad, g * b * c, what="x.grad of h * w with h = x * v, where h * u was computed too")
    check(no_gradient(u.grad), "a leaf of which only an unused result was computed must have no gradient", got=u.grad)
    check(value(unused.requires_grad) is True, "a result that takes no part must stay as it was")


@pytest.mark.points(0.5)
@in_process.CONSTANTS
def test_constants_get_nothing(student, rng):
    """Tensors that require no gradient are left alone, and backward on such a result is an error.

    Hint: look at requires_grad before you store, and before you start.
    """
    (x,), (a,) = leaves(student, rng, 1)
    c = student.Tensor(rng.normal(size=a.shape))
    student.Times.apply(x, c).backward(rng.normal(size=a.shape))
    check(no_gradient(c.grad), "a constant's grad must stay None or zeros", got=c.grad)
    check(value(c.requires_grad) is False, "a constant must stay one")
    before, x.requires_grad = value(x.grad), False
    (w, v), _ = leaves(student, rng, 2)
    g = rng.normal(size=a.shape)
    first_alone = student.run(in_process.first_alone, student.Function)
    h = student.Times.apply(x, w)
    first_alone.apply(first_alone.apply(student.Plus.apply(h, h), student.Times.apply(v, v)), h).backward(g)
    assert_close(x.grad, before, what="the gradient that a leaf had before requires_grad was set to False")
    assert_close(w.grad, 2 * g * a, what="the gradient of the leaf beside it")
    check(no_gradient(v.grad), "where an operation's backward gives None, nothing must arrive", got=v.grad)
    y = student.Times.apply(v, w)
    v.requires_grad = False
    y.backward(g)
    check(no_gradient(v.grad), "a leaf that was frozen after the operation must get no gradient", got=v.grad)
    with raises("RuntimeError", "ValueError"):
        c.backward(g)
    result = student.Times.apply(c, c)
    with raises("RuntimeError", "ValueError"):
        result.backward(np.ones(a.shape))
    result.requires_grad = True
    result.backward(g)
    assert_close(result.grad, g, what="the gradient of a result without parents that was told to require one")
