"""Hidden tests of task 2: run. Nodes that count or must not be computed come from the grader."""

import numpy as np
import pytest

from autograder.graders.session_graphs.oracles import check_mirrors, check_types
from autograder.graders.session_graphs.probes import (
    counted,
    ladder,
    long_chain,
    positive,
    two_runs_with_one_dict,
    value_after_a_change,
    without_value,
)
from autograder.grading import assert_close, check, is_a, raises, same, value

MISSING = ("KeyError", "ValueError", "RuntimeError")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, w, c, session = placeholder(), placeholder(), constant([1, 2]), Session()\n"
    "a = np.ones(2, dtype='float32')\n"
    "arrays = session.run([x, w, c, constant(a)], {x: [4, 5], w: a})\n"
    "[session.run(3.0 * x - 1.0, {x: 2}), *[str(a.dtype) for a in arrays]]",
    gives=[5.0, "float64", "float64", "float64", "float64"],
)
def test_values_follow_the_graph(student, rng):
    """A run computes what the graph says from feeds and constants: numbers, lists and arrays, all taken as float64.

    Hint: np.array(value, dtype=np.float64) for what is fed and for a constant; for the rest
    node.compute(session, *values of its inputs), and the result as it comes. The value of a number that is
    fed, or a constant, is an array, too, of shape ().
    """
    a, b = rng.normal(size=(2, 3)).astype(np.float32), np.float32(rng.normal())
    g = student.Graph()
    with g.as_default():
        x, w = student.placeholder((None, 3)), student.placeholder()
        y = (3 - x * student.Transpose(w)) / (student.Transpose(student.constant(1.0)) + w * w)
    g.finalize()
    session = student.Session(g)
    got, fed, number = session.run([y, x, w], {x: a, w: b})
    check_types({"an array of float32 that is fed": fed, "a number of float32 that is fed": number}, "float64")
    wide, factor = a.astype(np.float64), float(b)
    assert_close(got, (3 - wide * factor) / (1 + factor * factor), what="(3 - x w) / (1 + w w)")
    many = int(rng.integers(10**6, 10**7))
    listed = [[1, 2, many], [0, -many, 3]]
    got, large = session.run(y, {x: listed, w: many}), float(many)
    assert_close(got, (3.0 - np.array(listed) * large) / (1.0 + large * large), what="the same with integers")
    kind = student.run(counted, student.Operation)
    with student.Graph().as_default() as other:
        fixed = student.constant(listed)
        after, signs = kind(student.constant(a), b), student.run(positive, student.Operation, fixed)
    another = student.Session(other)
    made, _, array, number = another.run([fixed, after, *after.inputs])
    check_types({"a constant made of float32": array, "a number of float32 that is an input": number}, "float64")
    fetched = (session.run(x, {x: listed}), "fed"), (made, "made a constant")
    check(same(kind.session, another), "compute must get the session that runs as its first argument")
    for got, what in fetched:
        check(is_a(got, np.ndarray), "the value of a node that holds an array must come back as an array", got=got)
        assert_close(got, listed, what=f"a list of integers that is {what}")
        check(str(got.dtype) == "float64", f"integers that are {what} must become float64", got=str(got.dtype))
    check_types({"the value of a node for a > 0": another.run(signs)}, "bool")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with Graph().as_default():\n    x = placeholder()\n    session = Session()\nsession.run(x + 1.0, {x: 2.0})",
    gives=3.0,
)
def test_graph_of_the_moment(student):
    """A session without a graph takes the graph that is the default when the session is made, not when it runs.

    Hint: ask for the default graph in the constructor.
    """
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
        session = student.Session()
    check(same(session.graph, g), "session.graph must be the graph that was the default graph")
    with student.Graph().as_default():
        assert_close(session.run(x, {x: 2.0}), 2.0, what="a fed placeholder")
    check(same(student.Session(g).graph, g), "a session that is given a graph must take it")


@pytest.mark.points(1)
@pytest.mark.example(
    "class Dice(Operation):\n"
    "    def compute(self, session):\n"
    "        return np.random.random()\n"
    "y = Dice()\n"
    "Session().run(y - y)",
    gives=0.0,
)
@pytest.mark.timeout(2)
def test_each_node_once(student, rng):
    """On a ladder of 30 steps x = x + x, each node is computed exactly once in a run, also one whose value is None.

    Hint: keep the values of a run in a dict. Asking each node for its inputs again would take 2 ** 30 calls. A node has
    been computed when it is in the dict, whatever its value is.
    """
    a = float(rng.normal())
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
        top = student.run(ladder, student.Operation, x, 30)
    session = student.Session(g)
    assert_close(session.run(top, {x: a}), a * 2.0**30, what="x after 30 doublings")
    check(value(top.calls) == 30, "30 nodes must be computed 30 times", got=top.calls)
    for times, fetches in ((2, [top, top]), (3, [top, [top], (top,)]), (4, {"one": top, "other": top})):
        session.run(fetches, {x: a})
        check(value(top.calls) == 30 * times, f"{times} runs must compute 30 nodes {times} times", got=top.calls)
    step = student.run(without_value, student.Operation)
    with student.Graph().as_default() as other:
        first = step(student.constant(a))
        fetches = [first, step(first), step(first), first]
    session = student.Session(other)
    for times, which in ((1, "a run"), (2, "two runs")):
        got, what = session.run(fetches), f"{which} must compute three nodes without a value {3 * times} times"
        check(list(got) == [None] * 4, "the value of a node whose compute returns None is None", got=got)
        check(value(step.calls) == 3 * times, what, got=step.calls)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "class Unneeded(Operation):\n"
    "    def compute(self, session, a):\n"
    "        raise AssertionError('nobody needs this')\n"
    "x = placeholder()\n"
    "other = Unneeded(x)\n"
    "Session().run(3.0 * x, {x: 2.0})",
    gives=6.0,
)
def test_only_what_is_needed(student, rng):
    """Only what the fetches need is computed.

    Hint: go back from the fetches; what you do not meet is not needed.
    """
    a = float(rng.normal())
    g = student.Graph()
    kind = student.run(counted, student.Operation)
    with g.as_default():
        x = student.placeholder()
        before, _ = kind(x), kind(student.constant(a))
        y = x * 3.0
        after = kind(y, before)
    session = student.Session(g)
    assert_close(session.run(y, {x: a}), 3 * a, what="3 x")
    check(value(kind.calls) == 0, "a node that is not needed must not be computed", got=kind.calls)
    assert_close(session.run(after, {x: a}), 3 * a + (a + 1) + 1, what="a node that needs all others")


@pytest.mark.points(0.5)
@pytest.mark.example("x, other = placeholder(), placeholder()\nSession().run(x + 1.0, {x: 2.0})", gives=3.0)
def test_unneeded_placeholders_need_no_feed(student, rng):
    """A placeholder that the fetches do not need may be left out.

    Hint: complain about a missing feed when the placeholder's value is needed, not before.
    """
    a = float(rng.normal())
    g = student.Graph()
    with g.as_default():
        x, other = student.placeholder(), student.placeholder((None, 2))
        y, z = x + 1.0, other * x
    session = student.Session(g)
    assert_close(session.run(y, {x: a}), a + 1, what="x + 1 with x fed")
    assert_close(session.run(z, {x: 2.0, other: [[a, 1.0]]}), [[2 * a, 2.0]], what="a product that needs both")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = placeholder()\n"
    "try:\n"
    "    got = Session().run(x + 1.0)\n"
    "except (KeyError, ValueError, RuntimeError):\n"
    "    got = 'an error'\n"
    "got",
    gives="an error",
)
def test_missing_feed(student, rng):
    """A needed placeholder without a feed is a KeyError, ValueError or RuntimeError.

    Hint: there is no value to guess, zero included.
    """
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
        h = x + 1.0  # made, and computed, before w is missed
        w = student.placeholder(())
        y = h * w
    session = student.Session(g)
    for fetches, feed in ((y, {w: 1.0}), (y, {x: 1.0}), (y, {}), (y, None), (x, {w: 1.0}), ([w, x], {w: 1.0})):
        with raises(*MISSING):
            session.run(fetches, feed)
    a = float(rng.normal())
    assert_close(session.run(y, {x: a, w: 2.0}), 2 * (a + 1), what="(x + 1) w, with both fed, after runs that failed")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, array = placeholder(), np.zeros(())\n"
    "h, fixed, session = 2.0 * x, constant(array), Session()\n"
    "array += 9.0\n"
    "y, feed = h + fixed, {x: 1.0}\n"
    "[session.run(y, feed), session.run(y, {h: 5.0}), session.run(y, {x: 3.0}), feed == {x: 1.0}]",
    gives=[2.0, 5.0, 6.0, True],
)
def test_nothing_is_left_from_the_last_run(student, rng):
    """A run sees only its own feeds, and constants as they were made: what changes elsewhere is not seen.

    Hint: begin every run with an empty dict of values, change neither what you were given nor what you have handed out,
    and copy an array that you keep: np.array copies, np.asarray does not.
    """
    fixed = rng.normal(size=(2, 3))
    made, total = student.run(value_after_a_change, student.Graph, student.Session, student.constant, fixed)
    assert_close(made, fixed, what="a constant, after the array that it was made from has changed")
    assert_close(total, fixed, what="0 + an array, after the array has changed")
    a, b, c = rng.normal(size=3)
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
        h = x * 2.0
        y = h + 1.0
    session = student.Session(g)
    assert_close(session.run(y, {x: a}), 2 * a + 1, what="the first run")
    assert_close(session.run(y, {x: b}), 2 * b + 1, what="the second run, with another feed")
    assert_close(session.run(y, {h: c}), c + 1, what="the third run, with the node in between fed")
    assert_close(session.run(y, {x: a}), 2 * a + 1, what="the fourth run, fed as the first")
    with raises(*MISSING):
        session.run(y)
    one, other = np.array([a, b]), np.array([b, c])
    early, late, unchanged = student.run(two_runs_with_one_dict, session, y, x, one, other.tolist())
    assert_close(early, 2 * one + 1, what="the value of a run, looked at after the next run")
    assert_close(late, 2 * other + 1, what="a run with the fetches and the feed_dict of the last one, and another x")
    check(unchanged is True, "a run may change nothing in feed_dict")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "h, one, other = 2 * placeholder(), constant(1.0), constant(1.0)\n"
    "y = h + one\n"
    "[Session().run(y, {h: 5}), *Session().run([y, other], {h: 7, one: 3})]",
    gives=[6.0, 10.0, 1.0],
)
def test_any_node_can_be_fed(student, rng):
    """A fed node, whatever its kind, has the fed value; it is not computed, and what lies behind it is not needed.

    Hint: stop at fed nodes when you look for what is needed.
    """
    a, b = rng.normal(size=2)
    g = student.Graph()
    kind = student.run(counted, student.Operation)
    with g.as_default():
        x, fixed, other = student.placeholder(), student.constant(1.0), student.constant(1.0)
        inside = kind(x)
        h = kind(inside)
        y, z = h * h + fixed, h * inside
    session = student.Session(g)
    assert_close(session.run(y, {h: a}), a * a + 1, what="h * h + 1 with h fed, and without x")
    check(value(kind.calls) == 0, "neither the fed node nor what is behind it may be computed", got=kind.calls)
    got = session.run([y, other], {h: a, fixed: b})
    assert_close(got[0], a * a + b, what="h * h + constant with both fed")
    assert_close(got[1], 1.0, what="another constant 1, which is not fed")
    got = session.run([fixed, y], {h: a, fixed: False})
    check_types({"the value of a node that is fed False": got[0]}, "float64")
    assert_close(got[1], a * a, what="h * h + constant with both fed, the constant with False")
    whole = rng.integers(1, 9, size=2)
    got = session.run([h, y], {h: whole.tolist()})
    assert_close(got[0], whole, what="a fetch that is fed itself, with a list")
    check_types({"a list of integers that is fed to a node in between": got[0]}, "float64")
    assert_close(got[1], whole * whole + 1, what="h * h + 1 with h fed, and the constant 1 not fed any more")
    got = session.run(z, {h: b, x: a})
    assert_close(got, b * (a + 1), what="h times a node that is behind h, with h fed and that node not")


@pytest.mark.points(1)
@pytest.mark.example(
    "x = placeholder()\nSession().run({'twice': [x, x], 'more': x + 1.0}, {x: 2.0})",
    gives={"twice": [2.0, 2.0], "more": 3.0},
)
def test_structure_is_mirrored(student, rng):
    """The result has the structure of the fetches: lists, tuples and dicts, nested, and the same node more than once.

    Hint: a recursive function over the structure (not over the graph).
    """
    a = float(rng.normal())
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
        y = x + 1.0
    session = student.Session(g)
    got = session.run({"twice": [y, y], "nested": (x, [y], {"x": x}), 3: y, "none": []}, {x: a})
    check_mirrors(got, {"twice": [a + 1, a + 1], "nested": (a, [a + 1], {"x": a}), 3: a + 1, "none": []})
    check_mirrors(session.run([y], {x: a}), [a + 1])
    check_mirrors(session.run({}), {})


@pytest.mark.points(0.5)
@pytest.mark.example("x = placeholder((None, 3))\nSession().run(2.0 * x, {x: [1.0, 2.0, 3.0]})", raises="ValueError")
def test_shape_of_a_feed(student, rng):
    """A fed value that does not fit its placeholder's shape is a ValueError; None fits any length.

    Hint: compare the number of axes first, then each length that is not None.
    """
    g = student.Graph()
    with g.as_default():
        rows, number, free = student.placeholder((None, 3)), student.placeholder(()), student.placeholder()
        y, none = rows * number + free, student.placeholder((0,))
    session = student.Session(g)
    for n in (1, 4, 0):
        a = rng.normal(size=(n, 3))
        assert_close(session.run(y, {rows: a, number: 2.0, free: np.zeros((1, 3))}), 2 * a, what="a run that fits")
    for wrong, factor in (((2, 4), 2.0), ((2, 1), 2.0), ((3,), 2.0), ((1, 2, 3), 2.0), ((), 2.0), ((2, 3), [2.0])):
        with raises("ValueError"):
            session.run(y, {rows: np.ones(wrong), number: factor, free: 0.0})
    for unneeded, wrong in ((rows, (2, 4)), (none, (2,))):
        with raises("ValueError"):
            session.run(free, {unneeded: np.ones(wrong), free: 0.0})


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = placeholder()\n"
    "with Graph().as_default():\n"
    "    foreign = placeholder()\n"
    "Session().run(2.0 * x, {x: 1.0, foreign: 5.0})",
    raises="ValueError",
)
def test_nodes_of_another_graph(student, rng):
    """Fetching or feeding a node of another graph is a ValueError.

    Hint: compare node.graph with the session's graph, for fetches and for the keys of feed_dict.
    """
    a = float(rng.normal())
    nodes = []
    for _ in range(2):
        with student.Graph().as_default():
            x = student.placeholder()
            nodes.append((x, x * 2.0, student.constant(a)))
    (x, y, _), (foreign, result, fixed) = nodes
    session = student.Session(x.graph)
    assert_close(session.run(y, {x: a}), 2 * a, what="2 x")
    both, inside = {x: a, foreign: a}, {"y": y, "inside": [fixed]}
    for fetches, feed in (([y, result], both), ([y, foreign], {x: a}), (y, both), (inside, {x: a})):
        with raises("ValueError"):
            session.run(fetches, feed)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = y = placeholder()\nfor _ in range(5000):\n    y += 1.0\nSession().run(y, {x: 2.0})",
    gives=5002.0,
)
def test_deep_graph(student, rng):
    """A chain of 5,000 operations runs without a recursion error.

    Hint: no recursion over the graph; a list as a stack, or the order of graph.operations.
    """
    a = float(rng.normal())
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
    got = student.Session(g).run(student.run(long_chain, x, 5000), {x: a})
    assert_close(got, a + 5000, what="x after 5,000 additions of 1")
