"""Hidden tests of task 3: an order to walk back in. Every valid order is accepted."""

import numpy as np
import pytest

from autograder.grading import check, is_a, probe, same


@probe
def order_of_a_long_chain(topological_order, Times, x, length):
    nodes = [x]
    for step in range(length):
        nodes.append(Times.apply(*((nodes[-1], x), (x, nodes[-1]), (nodes[-1], nodes[-1]))[step % 3]))
    listed = [*topological_order(nodes[-1])]
    return len(listed), [one is other for one, other in zip(listed, nodes, strict=False)]


@probe
def listed_again(topological_order, root):
    first = topological_order(root)
    if type(first).__name__ == "list":
        first.clear()
    parents = root.parents
    parents[0].data = parents[1].data  # tensors of one array are two tensors
    second = [*topological_order(root)]
    root.parents = parents[1:]
    try:
        return second, [*topological_order(root)]
    finally:
        root.parents = parents


def places(order, tensor):
    """Where in the list the tensor stands."""
    return [place for place, listed in enumerate(order) if same(listed, tensor)]


@pytest.mark.points(1)
@pytest.mark.example(
    "x = Tensor(2.0, requires_grad=True)\n"
    "a = Times.apply(x, x)\n"
    "b = Times.apply(a, a)\n"
    "[float(t.data) for t in topological_order(Plus.apply(a, b))]",
    gives=[2.0, 4.0, 16.0, 20.0],
)
def test_parents_come_first(student, rng):
    """Where paths of different length meet, every tensor still comes after all of its parents.

    Hint: a level-by-level walk is not enough. A tensor is finished when all of its parents are.
    """
    x = student.Tensor(rng.normal(size=2), requires_grad=True)
    for short_side in (0, 1):
        a = student.Times.apply(x, x)
        twice, b = student.Plus.apply(a, a), student.Times.apply(a, a)
        c = student.Times.apply(b, b)
        middle = [twice, c] if short_side == 0 else [c, twice]
        d = student.Plus.apply(*middle)
        ends = [a, d] if short_side == 0 else [d, a]
        root = student.Plus.apply(*ends)
        order = list(student.topological_order(root))
        for child, parents in ((a, [x]), (twice, [a]), (b, [a]), (c, [b]), (d, middle), (root, ends)):
            for parent in parents:
                first, then = places(order, parent), places(order, child)
                check(bool(first and then), "every tensor behind the root must be listed", got=len(order))
                check(first[-1] < then[0], "every tensor must come after its parents")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor(2.0, requires_grad=True)\n"
    "a = Times.apply(x, x)\n"
    "[float(t.data) for t in topological_order(Plus.apply(a, a))]",
    gives=[2.0, 4.0, 8.0],
)
def test_each_tensor_once(student, rng):
    """A tensor that is used several times is listed once, also in a second list that is made when the first is used up.

    Hint: remember by id which tensors you have seen, anew in every call. Whatever is not behind the root is not listed.
    """
    x = student.Tensor(rng.normal(size=2), requires_grad=True)
    a = student.Times.apply(x, x)
    b, aside = student.Times.apply(a, x), student.Times.apply(a, a)
    root = student.Plus.apply(b, a)
    order, lists = student.topological_order(root), student.run(listed_again, student.topological_order, root)
    again, without = lists
    for listed, which in ((list(order), ""), (list(again), ", also in a second list")):
        for tensor in (x, a, b, root):
            times = len(places(listed, tensor))
            check(times == 1, f"each tensor must be listed exactly once{which}", got=times)
        check(not places(listed, aside), f"a tensor that the root was not computed from must not be listed{which}")
    left = list(without)
    rightly = [len(places(left, tensor)) for tensor in (x, a, b, root)] == [1, 1, 0, 1]
    check(rightly, "when other parents were assigned to the root, its list must be that of these", got=len(left))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor(3.0, requires_grad=True)\n[float(t.data) for t in topological_order(Times.apply(x, x))]",
    gives=[3.0, 9.0],
)
def test_leaves_belong_to_it(student, rng):
    """A list comes back that begins with the leaves and ends with the root; a leaf alone is [leaf].

    Hint: a tensor without parents is part of the graph too.
    """
    x = student.Tensor(rng.normal(size=2), requires_grad=True)
    alone = student.topological_order(x)
    check(is_a(alone, list), "topological_order must return a list", got=alone)
    check(len(alone) == 1 and same(alone[0], x), "a leaf's list must be the leaf itself", got=len(alone))
    w = student.Tensor(rng.normal(size=2), requires_grad=True)
    y = student.Times.apply(x, w)
    order = list(student.topological_order(y))
    check(bool(places(order, x) and places(order, w)), "the leaves must be listed", got=len(order))
    check(same(order[-1], y), "the root must be last")
    y.parents = (x, w, student.Tensor(np.zeros((0, 3)), requires_grad=True))
    order = list(student.topological_order(y))
    check(len(order) == 4, "a tensor with three parents that are leaves must give a list of four", got=len(order))
    check(same(order[-1], y), "the root must be last, also before a parent that is younger and was assigned to it")


@pytest.mark.points(1)
@pytest.mark.example(
    "x = y = Tensor(1.0, requires_grad=True)\n"
    "for _ in range(4000):\n"
    "    y = Plus.apply(y, x)\n"
    "len(topological_order(y))",
    gives=4001,
)
@pytest.mark.timeout(2)
def test_long_chain(student):
    """A chain of 5,000 operations is listed without a recursion error.

    Hint: a function that calls itself for each parent is too deep; keep a stack of your own.
    """
    x = student.Tensor([1.0, -1.0], requires_grad=True)
    count, rightly = student.run(order_of_a_long_chain, student.topological_order, student.Times, x, 5000)
    check(count == 5001, "each tensor of the chain must be listed once", got=count)
    check(all(rightly), "the chain must be listed from the leaf to the root")
