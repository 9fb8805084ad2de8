"""Hidden tests of task 4: the walk through the graph. The graphs are the grader's."""

from itertools import product

import pytest

from autograder.graders.chainer_iris.oracles import BRANCHES, COINS, listed, names
from autograder.grading import as_numbers, check, probe, value


@probe
def in_a_row(array):
    import chainer
    import chainer.functions as F

    return F.tanh(F.sin(F.exp(chainer.Variable(array))))


@probe
def shared(array):
    import chainer
    import chainer.functions as F

    x = chainer.Variable(array)
    h = F.exp(x)
    # split_axis is one function with two results
    # and there are two sines of one h; the tangent is of what needs no gradient
    constant = F.tan(chainer.Variable(array, requires_grad=False))
    return F.concat([F.sin(h) * F.sin(h), h, F.cos(x), constant, *F.split_axis(h, 2, axis=0)], axis=0)


@probe
def uneven(array, short_first, halves, doubled):
    import chainer
    import chainer.functions as F

    h = k = F.exp(chainer.Variable(array))
    if halves:
        h, k = F.split_axis(h, 2, axis=0)
    v = F.sin(F.cos(F.tan(k)))
    h = h * h if doubled else h
    return h * v if short_first else v * h


@probe
def ladder(array, levels):
    import chainer

    y = chainer.Variable(array)
    for _ in range(levels):
        y = y + y
    return y


@probe
def long_chain(array, length, beside=0, requires_grad=True):
    """A chain of functions; with some beside it, its last function takes their results as well."""
    import chainer
    import chainer.functions as F

    x = y = chainer.Variable(array, requires_grad=requires_grad)
    for _ in range(length - bool(beside)):
        y = y + 1.0
    return F.concat([y, *(F.exp(x) for _ in range(beside))], axis=0) if beside else y


@probe
def leaf(array):
    import chainer

    return chainer.Variable(array)


@probe
def described(backward_order, y):
    from itertools import islice

    def number(function):
        return id(getattr(function, "node", function))

    return [
        [number(f), f.label, [number(node.creator_node) for node in f.inputs if node.creator_node is not None]]
        for f in islice(backward_order(y), 100)
    ]


@probe
def is_list(backward_order, y):
    order = backward_order(y)
    if isinstance(order, list):
        order.clear()  # it is the caller's
        return True
    return False


@probe
def after_a_cut(backward_order, y):
    y.unchain()
    return list(backward_order(y))


@probe
def names_in_turn(used_parameters, y, link):
    """The names, and those behind another result, with a parameter that the link has only now."""
    import chainer

    first = used_parameters(y, link)
    with link.init_scope():
        link.later = chainer.Parameter(y.array)
    return [first, used_parameters(y + link.later, link)]


@probe
def ranks(backward_order, y):
    from itertools import islice

    return [f.rank for f in islice(backward_order(y), 6000)]


@probe
def two_ways():
    import chainer
    import chainer.functions as F
    import chainer.links as L
    import numpy as np

    class Step(chainer.FunctionNode):
        def forward(self, inputs):
            return (np.floor(inputs[0]),)

        def backward(self, indexes, gs):
            return (None,)  # no gradient, and a way from its input to y all the same

    class TwoWays(chainer.Chain):
        def forward(self, x, coin):
            h = self.base(self.base(x))
            h = (self.left if coin() else self.right)(F.tanh(h)) + h
            return self.top(self.steps[10](self.steps[2](h))) * self.scale + Step().apply((self.gate,))[0]

    # namedparams() gives /scale before the children, and /steps/2/W before /steps/10/W
    with chainer.using_config("dtype", "float64"):
        net = TwoWays(**{name: L.Linear(2, 2) for name in ("base", "left", "right", "top")})
        with net.init_scope():
            net.steps = chainer.ChainList(*(L.Linear(2, 2) for _ in range(11)))
            net.scale, net.gate = (chainer.Parameter(np.ones((3, 2))) for _ in range(2))
    return net


@probe
def one_of_two(array):
    """What one of two layers says, and the link that has both."""
    import chainer
    import chainer.links as L

    with chainer.using_config("dtype", "float64"):
        both = chainer.Chain(one=L.Linear(2, 3), other=L.Linear(2, 1))
    return both.one(array), both


def functions(student, y):
    """What the order holds: numbers, labels and the numbers of the functions that the inputs come from."""
    got = value(student.run(described, student.backward_order, y))
    check(isinstance(got, list), "the order must be a list of functions")
    return [row[0] for row in got], [row[1] for row in got], [row[2] for row in got]


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Variable(np.array([1.0]))\n[function.label for function in backward_order(F.tanh(F.exp(x)))]",
    gives=["Tanh", "exp"],
)
def test_last_function_first(student, rng):
    """In a row of functions, the last one comes first.

    Hint: start at y.creator; what lies behind it comes later. The largest rank comes first.
    """
    y = student.run(in_a_row, rng.normal(size=2))
    check(student.run(is_list, student.backward_order, y) is True, "the order must be a list")
    _, labels, _ = functions(student, y)
    check(labels == ["Tanh", "sin", "exp"], "tanh(sin(exp(x))) must give Tanh, sin, exp", got=labels)


@pytest.mark.points(1)
@pytest.mark.example(
    "h = F.exp(Variable(np.array([1.0])))\nsorted(function.label for function in backward_order(h * F.cos(h)))",
    gives=["_ * _", "cos", "exp"],
)
def test_each_function_once(student, rng):
    """Every function behind y is there, and each only once, however many paths lead to it.

    Hint: remember the functions you have met, by id; follow all inputs of a function.
    """
    numbers, labels, _ = functions(student, student.run(shared, rng.normal(size=2)))
    check(len(set(numbers)) == len(numbers), "no function may be there twice", got=sorted(labels))
    check(
        sorted(labels) == ["Concat", "SplitAxis", "_ * _", "cos", "exp", "sin", "sin", "tan"],
        "every function must be there, also two sines of one variable and one of what needs no gradient",
        got=sorted(labels),
    )


@pytest.mark.points(1)
@pytest.mark.example(
    "h = F.exp(Variable(np.array([1.0])))\n"
    "v = F.sin(F.cos(h))\n"
    "[', '.join(function.label for function in backward_order(y)) for y in (h * v, v * h)]",
    gives=["_ * _, sin, cos, exp", "_ * _, sin, cos, exp"],
)
def test_paths_of_different_length(student, rng):
    """A function comes before those that its inputs come from, also where a short path meets a long one.

    Hint: neither breadth first nor depth first is enough. Sort by rank.
    """
    for short_first, halves, doubled in product((True, False), repeat=3):
        y = student.run(uneven, rng.normal(size=2), short_first, halves, doubled)
        numbers, labels, behind = functions(student, y)
        check("exp" in labels and "tan" in labels, "every function must be there", got=labels)
        check(labels.count("SplitAxis") == halves, "each function must be there once", got=labels)
        late = all(numbers.index(n) > place for place, inputs in enumerate(behind) for n in inputs if n in numbers)
        check(late, "no function may come before one that uses its result", got=labels)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "y = Variable(np.array([1.0]))\nfor _ in range(10):\n    y = y + y\nlen(backward_order(y))",
    gives=10,
)
@pytest.mark.timeout(2)
def test_ladder(student, rng):
    """On a ladder of 30 steps y = y + y, the walk takes 30 steps, not one for each path.

    Hint: there are 2 ** 30 paths. Do not enter a function that you have met.
    """
    got = as_numbers(student.run(ranks, student.backward_order, student.run(ladder, rng.normal(size=2), 30)))
    check(sorted(got.ravel().tolist()) == list(range(30)), "30 functions must be there, each once", got=got.size)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "y = Variable(np.array([1.0]))\n"
    "for _ in range(5000):\n"
    "    y = y + 1.0\n"
    "order = backward_order(y)\n"
    "[len(order), order[0].rank, order[-1].rank]",
    gives=[5000, 4999, 0],
)
def test_long_chain(student, rng):
    """A chain of 5,000 functions is walked without a recursion error.

    Hint: a list of what is still to be visited, and a while loop.
    """
    y = student.run(long_chain, rng.normal(size=2), 5000, 100)
    got = as_numbers(student.run(ranks, student.backward_order, y))
    check(got.size == 5100, "a chain of 5,000 functions must be there, and 100 functions beside it", got=got.size)
    later = got[got > 0].tolist()  # those beside the chain have the rank 0, as the chain's first
    check(later == list(range(1, 5000))[::-1], "the chain must be there, the last function first", got=len(later))


@pytest.mark.points(0.5)
@pytest.mark.example("backward_order(Variable(np.array([1.0])))", gives=[])
def test_leaf(student, rng):
    """Behind a leaf there is no function: the list is empty.

    Hint: its creator is None. Return a list, not a tuple or a generator.
    """
    got = value(student.backward_order(student.run(leaf, rng.normal(size=2))))
    check(isinstance(got, list) and not got, "the order of a leaf must be an empty list", got=got)
    y = student.run(long_chain, rng.normal(size=2), 1, 0, False)
    got = value(student.run(ranks, student.backward_order, y))
    check(got == [0], "behind the result of one function there must be it, also where it needs no gradient", got=got)
    got = value(student.run(after_a_cut, student.backward_order, y))
    check(got == [], "behind a result that was cut off from its function there must be nothing any more", got=got)


@pytest.mark.points(1)
@pytest.mark.example(
    "net = chainer.Chain(a=L.Linear(1, 1), b=L.Linear(1, 1), c=L.Linear(1, 1))\n"
    "used_parameters(net.b(net.a(net.a(np.ones((1, 1))))), net)",
    gives=["/a/W", "/a/b", "/b/W", "/b/b"],
)
def test_parameters_on_the_path(student, rng):
    """The names are those of the parameters that went into y, sorted: another branch, other names.

    Hint: a parameter is in the graph when p.node is an input of one of the functions.
    """
    y, link = student.run(one_of_two, rng.normal(size=(3, 2)))
    got, later = listed(student.run(names_in_turn, student.used_parameters, y, link), 2, "the names in two calls")
    check(isinstance(got, list | tuple) and list(got) == sorted(names("one")), "the names must be those of one layer",
          got=got)  # fmt: skip
    check(isinstance(later, list | tuple) and list(later) == sorted(["/later", *names("one")]),
          "a parameter that the link has had only since a call must be there in the next one", got=later)  # fmt: skip
    link = student.run(two_ways)
    for heads in (True, False):
        y = link(rng.normal(size=(3, 2)), COINS[heads])
        got = value(student.used_parameters(y, link))
        check(isinstance(got, list | tuple), "the names must come as a list", got=got)
        expected = sorted([*names("base", BRANCHES[heads], "steps/2", "steps/10", "top"), "/scale", "/gate"])
        check(list(got) == expected, "the names must be those on the path, sorted", got=got)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "one, other = L.Linear(1, 1), L.Linear(1, 1)\n"
    "y = one(np.ones((1, 1)))\n"
    "[used_parameters(y, one), used_parameters(y, other)]",
    gives=[["/W", "/b"], []],
)
def test_parameters_of_this_link(student, rng):
    """Parameters of other links are left out, and so are other leaves.

    Hint: go through link.namedparams(), not through the leaves of the graph.
    """
    one, other = student.run(two_ways), student.run(two_ways)
    y = one.left(other.right(rng.normal(size=(3, 2))))
    own = ["/W", "/b"]
    for link, expected in ((one, names("left")), (other, names("right")), (one.base, []), (one.left, own)):
        got = value(student.used_parameters(y, link))
        check(
            isinstance(got, list | tuple) and list(got) == expected,
            "only this link's parameters must be named",
            got=got,
        )
    got = value(student.used_parameters(student.run(leaf, rng.normal(size=2)), one))
    check(isinstance(got, list | tuple) and not got, "no parameter has gone into a leaf", got=got)
