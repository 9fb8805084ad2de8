"""Hidden tests of task 2: an operation that leaves a record."""

import numpy as np
import pytest

from autograder.grading import assert_close, check, is_a, probe, same, value


@probe
def shift_by(Function, tensor, x, by):
    class Shift(Function):
        @staticmethod
        def forward(ctx, x, *, by, more, kind="float64", **named):
            if type(x).__module__.partition(".")[0] != "numpy":
                raise TypeError("forward was given a " + type(x).__name__ + ", it works on ndarrays")
            if str(x.dtype) != "float64":
                raise TypeError("forward was given numbers of the type " + str(x.dtype) + ", a Tensor holds float64")
            if more is not options[0]:
                raise ValueError("an option came to forward as another object than it was given")
            if named != others:
                raise TypeError("an option did not come to forward under its own name")
            return (x + by).astype(kind)

        @staticmethod
        def backward(ctx, g):
            return g

    options, others = [None, [1, 2], tensor, 0], {}
    while len(options) > 1:
        Shift.apply(x, by=by, more=options[0])
        del options[0]
    others.update(name="z", out=None, requires_grad=False, dtype="int64", axis=0)
    return [Shift.apply(x, by=by, more=0, kind=kind, **others) for kind in ("float64", "int64")]


@probe
def middle_of_three(Function, a, b, c):
    """What an operation gives that hands on the very array that it was given."""

    class Middle(Function):
        @staticmethod
        def forward(ctx, a, b, c):
            return b

        @staticmethod
        def backward(ctx, g):
            return None, g, None

    return Middle.apply(a, b, c)


@probe
def recorded_after_an_error(Function, Plus, GradMode, x):
    from contextlib import suppress

    class Refusing(Function):
        @staticmethod
        def forward(ctx, x):
            raise ValueError("planned")

    with suppress(Exception):
        Refusing.apply(x)
    try:
        return Plus.apply(x, x).requires_grad
    finally:
        GradMode.enabled = True


@probe
def parameter(Tensor, data):
    """A tensor of a subclass, as a library that is built on this one might have."""

    class Parameter(Tensor):
        pass

    return Parameter(data, requires_grad=True)


@probe
def kept_alive(Tensor, Function, GradMode, data):
    """What is still there although only a result is left that nobody goes back from, in two situations."""
    import gc
    import weakref

    class Adding(Function):
        @staticmethod
        def forward(ctx, a, b):
            ctx.a = a + 0.0
            noted.append(weakref.ref(ctx.a))
            return a + b

        @staticmethod
        def backward(ctx, g):
            return g, g

    found = {}
    try:
        for off in (False, True):
            noted, x = [], Tensor(data, requires_grad=off)
            GradMode.enabled = not off
            try:
                seen = [weakref.ref(x)]
            except TypeError:  # of a class whose instances cannot be seen so
                seen = []
            y = Adding.apply(x, x)
            del x
            gc.collect()
            for what, references in (("an input", seen), ("an array on ctx", noted)):
                there = y is not None and any(r() is not None for r in references)
                found[what + (", switched off" if off else ", no gradient")] = there
    finally:
        GradMode.enabled = True
    return found


@pytest.mark.points(0.5)
@pytest.mark.example(
    "class Scale(Function):\n"
    "    @staticmethod\n"
    "    def forward(ctx, x, factor):\n"
    "        return factor * x\n"
    "\n"
    "Scale.apply([1.0, 2.0], factor=3.0).data",
    gives=[3.0, 6.0],
)
def test_computes_forward(student, rng):
    """apply gives forward float64 arrays and its options, and wraps what it returns in a Tensor, which holds float64.

    Hint: cls.forward(ctx, *arrays, **options), where each array is the .data of an input. Tensor(...) converts.
    """
    a, by = rng.normal(size=(2, 3)), float(rng.normal())
    x = student.Tensor(a, requires_grad=True)
    for given in (x, a, a.tolist(), [2, 3], float(a[0, 0])):
        y, whole = student.run(shift_by, student.Function, x, given, by)
        expected = np.asarray(value(given)) + by
        assert_close(y.data, expected, what="the result's data")
    data = value(whole.data)
    assert_close(data, expected.astype("int64"), what="the result's data where forward returned whole numbers")
    kept = str(getattr(data, "dtype", "none"))
    check(kept == "float64", "the result's data must be float64, also where forward returned whole numbers", got=kept)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\ny = Times.apply(x, [3.0, 4.0])\n[p.requires_grad for p in y.parents]",
    gives=[True, False],
)
def test_numbers_are_taken_as_constants(student, rng):
    """Inputs that are no tensors become tensors that require no gradient.

    Hint: wrap them with Tensor(...) before you take .data.
    """
    a, b = rng.normal(size=3), rng.normal(size=3)
    x = student.Tensor(a, requires_grad=True)
    for y in (student.Times.apply(x, b), student.Times.apply(b.tolist(), x)):
        assert_close(y.data, a * b, what="the result's data")
        constants = [p for p in y.parents if not same(p, x)]
        check(len(constants) == 1, "the constant must be among the parents, as a tensor", got=len(constants))
        check(value(constants[0].requires_grad) is False, "a constant must not require a gradient")


@pytest.mark.points(1)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\n[p is x for p in Times.apply(x, x).parents]",
    gives=[True, True],
)
def test_parents_in_order(student, rng):
    """parents is a tuple that holds the inputs themselves, in order, one entry per input.

    Hint: no set and no copies: for Times.apply(x, x) it is (x, x). What is an instance of a subclass is a Tensor, too.
    """
    x = student.Tensor(rng.normal(size=3), requires_grad=True)
    w = student.Tensor(rng.normal(size=3), requires_grad=True)
    named = student.run(parameter, student.Tensor, rng.normal(size=3))
    for inputs in ((x, w), (w, x), (x, x), (named, x)):
        parents = student.Times.apply(*inputs).parents
        check(is_a(parents, tuple), "parents must be a tuple", got=parents)
        check(len(parents) == 2, "there must be one parent per input, also if it is the same twice", got=len(parents))
        for place, (parent, given) in enumerate(zip(parents, inputs, strict=True), 1):
            check(same(parent, given), f"parent {place} must be the tensor that was input {place}")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, c = Tensor([1.0], requires_grad=True), Tensor([2.0])\n"
    "[len(Plus.apply(x, c).parents), len(Plus.apply(c, c).parents)]",
    gives=[2, 0],
)
def test_records_only_for_a_gradient(student, rng):
    """A result requires a gradient, and has parents, only if one of its inputs requires one.

    Hint: any(t.requires_grad for t in inputs) decides. Only then keep the inputs, and the ctx with its arrays.
    """
    x, c = student.Tensor(rng.normal(size=3), requires_grad=True), student.Tensor(rng.normal(size=3))
    for inputs, needed in (((x, c), True), ((c, x), True), ((c, c), False)):
        y = student.Plus.apply(*inputs)
        check(value(y.requires_grad) is needed, "the result requires a gradient exactly if some input does")
        parents = list(y.parents)
        check(len(parents) == (2 if needed else 0), "without need, nothing is to be recorded", got=len(parents))
        check(needed or is_a(y.parents, tuple), "without need, parents must be the tuple ()", got=y.parents)
    for inputs in ((x, c, c), (c, x, c), (c, c, x)):
        y = student.run(middle_of_three, student.Function, *inputs)
        check(value(y.requires_grad) is True, "the result requires a gradient if any of its three inputs does")
        check(len(list(y.parents)) == 3, "a result of three inputs must have three parents", got=len(list(y.parents)))
    after = student.run(recorded_after_an_error, student.Function, student.Plus, student.GradMode, x)
    check(after is True, "after an operation whose forward raised, the next one must be recorded", got=after)
    kept = value(student.run(kept_alive, student.Tensor, student.Function, student.GradMode, rng.normal(size=3)))
    check(not any(kept.values()), "a result that is not recorded must keep neither its inputs nor its ctx", got=kept)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\n"
    "GradMode.enabled = False\n"
    "y = Plus.apply(x, x)\n"
    "GradMode.enabled = True\n"
    "y.requires_grad, tuple(y.parents)",
    gives=(False, ()),
)
def test_records_nothing_when_switched_off(student, rng):
    """While GradMode.enabled is False, apply computes and records nothing.

    Hint: look at GradMode.enabled in apply, at the time of the call.
    """
    a = rng.normal(size=3)
    x = student.Tensor(a, requires_grad=True)
    try:
        student.GradMode.enabled = False
        y = student.Plus.apply(x, x)
        leaf = student.Tensor(a, requires_grad=True)
    finally:
        student.GradMode.enabled = True
    assert_close(y.data, 2 * a, what="the result's data")
    check(value(y.requires_grad) is False, "the result must not require a gradient")
    check(len(list(y.parents)) == 0, "the result must have no parents")
    asked = value(leaf.requires_grad)
    check(asked is True, "a leaf that is made then must require a gradient if asked to: it is no result", got=asked)
