"""What the hidden tests of task 4 run in the student's process: longer public examples, and probes."""

import pytest

from autograder.grading import probe

SEVERAL_NUMBERS = pytest.mark.example(
    """
x = Tensor([1.0, 2.0], requires_grad=True)
try:
    Plus.apply(x, x).backward()
    said = "accepted"
except (RuntimeError, ValueError):
    said = "refused"
said
""",
    gives="refused",
)

SHORT_AND_LONG = pytest.mark.example(
    """
x = Tensor(2.0, requires_grad=True)
h = Times.apply(x, x)
Plus.apply(h, Times.apply(h, h)).backward(10.0)  # x ** 2 + x ** 4
to_numpy(x.grad)
""",
    gives=360.0,
)

LADDER = pytest.mark.example(
    """
class Counted(Plus):
    @staticmethod
    def backward(ctx, g):
        calls.append(1)
        return g, g

calls, x = [], Tensor(1.0, requires_grad=True)
y = x
for _ in range(4):
    y = Counted.apply(y, y)
y.backward(3.0)
[len(calls), float(to_numpy(x.grad))]
""",
    gives=[4, 48.0],
)

TWO_PASSES = pytest.mark.example(
    """
x = Tensor([1.0, 2.0], requires_grad=True)
Times.apply(x, [3.0, 4.0]).backward([1.0, 1.0])
Times.apply(x, [5.0, 6.0]).backward([10.0, 10.0])
to_numpy(x.grad)
""",
    gives=[53.0, 64.0],
)

FORGOTTEN = pytest.mark.example(
    """
x = Tensor([1.0, 2.0], requires_grad=True)
Times.apply(x, [3.0, 4.0]).backward([1.0, 1.0])
x.zero_grad()
Times.apply(x, [5.0, 6.0]).backward([10.0, 10.0])
to_numpy(x.grad)
""",
    gives=[50.0, 60.0],
)

TWICE = pytest.mark.example(
    """
x = Tensor(2.0, requires_grad=True)
y = Times.apply(Times.apply(x, 3.0), 5.0)
y.backward(10.0)
try:
    y.backward(10.0)
    total = float(to_numpy(x.grad))
except RuntimeError:  # right too: the graph was freed
    total = 300.0
total
""",
    gives=300.0,
)

LONG_CHAIN = pytest.mark.example(
    """
x, w = Tensor(1.0, requires_grad=True), Tensor(0.5, requires_grad=True)
y = x
for _ in range(4000):
    y = Plus.apply(y, w)
y.backward(7.0)
to_numpy(x.grad)
""",
    gives=7.0,
)

SEPARATE = pytest.mark.example(
    """
x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)
Plus.apply(x, y).backward([5.0, 6.0])
to_numpy(x.grad)[0] = 1000.0
to_numpy(y.grad)
""",
    gives=[5.0, 6.0],
)

ONE_BRANCH = pytest.mark.example(
    """
v, w = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
Times.apply(10.0, v).backward(1.0)
Times.apply(20.0, w).backward(2.0)  # v takes no part
[float(to_numpy(v.grad)), float(to_numpy(w.grad))]
""",
    gives=[10.0, 40.0],
)

CONSTANTS = pytest.mark.example(
    """
x, c = Tensor([1.0], requires_grad=True), Tensor([2.0])
Times.apply(x, c).backward([1.0])
try:
    Times.apply(c, c).backward([1.0])
    said = "accepted"
except (RuntimeError, ValueError):
    said = "refused"
said, c.grad is None or not np.any(to_numpy(c.grad))
""",
    gives=("refused", True),
)


@probe
def climb(Function, x, levels, upstream):
    calls, climbing = [], [True]

    class Counted(Function):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, g):
            calls.append(1)
            if climbing and len(calls) > 1000:
                raise RuntimeError("an operation's backward was called again and again")
            return g, g

    class Last(Function):
        @staticmethod
        def forward(ctx, x):
            return x + 0.0

        @staticmethod
        def backward(ctx, g):
            calls.append(1)
            return g

    y = x
    for _ in range(levels):
        y = Counted.apply(y, y)
    Last.apply(y).backward(upstream)
    climbing.clear()
    return len(calls)


@probe
def long_chain(Plus, x, shift, length):
    for step in range(length):
        x = Plus.apply(x, shift) if step % 2 else Plus.apply(shift, x)
    return x


@probe
def write_into_one_gradient(Plus, a, b, upstream):
    Plus.apply(a, b).backward(upstream)
    array = a.grad if type(a.grad).__name__ == "ndarray" else a.grad.data
    array += 1000.0
    return upstream


@probe
def write_into_gradients_between(Plus, a, b, c, upstream):
    y = Plus.apply(a, b)
    z = Plus.apply(y, c)
    z.backward(upstream)
    first, second = (t.grad if type(t.grad).__name__ in ("ndarray", "NoneType") else t.grad.data for t in (z, y))
    before = after = None if second is None else second.copy()
    if first is not None:
        first += 1000.0
    if second is not None:
        after = second.copy()
        second += 1000.0
    return upstream, before, after


@probe
def write_into_the_gradient_of(leaf, upstream):
    leaf.backward(upstream)
    array = leaf.grad if type(leaf.grad).__name__ == "ndarray" else leaf.grad.data
    array += 1000.0
    return upstream


@probe
def doubling(Function, by_a_view):
    class Doubling(Function):
        @staticmethod
        def forward(ctx, a, b):
            return 2.0 * a + 2.0 * b

        @staticmethod
        def backward(ctx, g):
            both = 2.0 * g
            return both, both[:] if by_a_view else both

    return Doubling


@probe
def first_alone(Function):
    from collections import namedtuple

    class FirstAlone(Function):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, g):
            return namedtuple("Gradients", "a, b")(g, None)

    return FirstAlone


@probe
def scaling(Function, by, in_a_tuple):
    """An operation that scales by another number in each call of forward: first `by`, then one more."""
    calls = []

    class Scaling(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.shape, ctx.by = x.shape, by + len(calls)
            calls.append(1)
            return ctx.by * x

        @staticmethod
        def backward(ctx, g):
            if type(g).__module__.partition(".")[0] != "numpy":
                raise TypeError("an operation's backward was given a " + type(g).__name__ + ", it works on ndarrays")
            if g.shape != ctx.shape:
                raise ValueError("an operation's backward was given a gradient of another shape than its result")
            return (ctx.by * g,) if in_a_tuple else ctx.by * g

    return Scaling


@probe
def pass_back(Plus, x, upstream):
    Plus.apply(Plus.apply(x, x), x).backward(upstream)
    return upstream


@probe
def broken_off(Function, Plus, GradMode, x, upstream):
    """Whether operations are recorded after a pass that a backward ended by raising, and whether another is made."""
    failing = [True]

    class Failing(Function):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, g):
            if failing:
                raise ValueError("planned")
            return g, g

    h = Plus.apply(x, upstream)
    h.grad = upstream + 100.0  # what others assign to a tensor in between is no part of a pass
    z = Plus.apply(Failing.apply(h, upstream), h)
    try:
        z.backward(upstream)
    except Exception:
        failing.clear()
    recorded, GradMode.enabled = Plus.apply(x, x).requires_grad, True
    try:
        z.backward(upstream)
    except RuntimeError:
        return recorded, False
    return recorded, True
