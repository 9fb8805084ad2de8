"""Hidden tests of task 2: run. Nodes that count or must not be computed come from the grader."""

import numpy as np
import pytest

from autograder.grading import as_numbers, assert_close, check, is_a, probe, raises, same, value

MISSING = ("KeyError", "ValueError", "RuntimeError")


@probe
def counted(Operation):
    class Counted(Operation):
        calls = 0

        def compute(self, session, *values):
            type(self).calls += 1
            return sum(values) + 1.0

    return Counted


@probe
def ladder(Operation, x, levels):
    class Doubled(Operation):
        calls = 0

        def compute(self, session, a, b):
            type(self).calls += 1
            if self.calls > 1000:
                raise RuntimeError("the nodes of the ladder were computed again and again")
            return a + b

    for _ in range(levels):
        x = Doubled(x, x)
    return x


@probe
def value_after_a_change(Graph, Session, constant, array):
    graph = Graph()
    with graph.as_default():
        node = constant(array)
    array += 1000.0
    return Session(graph).run(node)


@probe
def long_chain(x, length):
    for _ in range(length):
        x = x + 1.0
    return x


@pytest.mark.points(0.5)
def test_values_follow_the_graph(student, rng):
    """A run computes what the graph says from what is fed: numbers, lists and arrays, all taken as float64.

    Hint: np.array(value, dtype=np.float64) for what is fed, node.compute(session, *values of its inputs) for the rest.
    """
    a, b = rng.normal(size=(2, 3)), rng.normal(size=3)
    g = student.Graph()
    with g.as_default():
        x, w = student.placeholder((None, 3)), student.placeholder()
        y = (x * 2.0 - w) / (1.0 + w * w)
    g.finalize()
    session = student.Session(g)
    assert_close(session.run(y, {x: a, w: b}), (a * 2 - b) / (1 + b * b), what="(2 x - w) / (1 + w w)")
    many = int(rng.integers(10**6, 10**7))
    listed = [[1, 2, many], [0, -many, 3]]
    got = session.run(y, {x: listed, w: many})
    assert_close(got, (np.array(listed) * 2.0 - many) / (1.0 + float(many) * many), what="the same with integers")
    dtype = str(as_numbers(session.run(x, {x: listed})).dtype)
    check(dtype == "float64", "integers that are fed must become float64", got=dtype)


@pytest.mark.points(0.5)
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
@pytest.mark.timeout(2)
def test_each_node_once(student, rng):
    """On a ladder of 30 steps x = x + x, each node is computed exactly once in a run.

    Hint: keep the values of a run in a dict. Asking each node for its inputs again would take 2 ** 30 calls.
    """
    a = float(rng.normal())
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
        top = student.run(ladder, student.Operation, x, 30)
    session = student.Session(g)
    assert_close(session.run(top, {x: a}), a * 2.0**30, what="x after 30 doublings")
    check(value(top.calls) == 30, "30 nodes must be computed 30 times", got=top.calls)
    session.run([top, top], {x: a})
    check(value(top.calls) == 60, "a second run must compute each of them once more", got=top.calls)


@pytest.mark.points(0.5)
def test_only_what_is_needed(student, rng):
    """Only what the fetches need is computed.

    Hint: go back from the fetches; what you do not meet is not needed.
    """
    a = float(rng.normal())
    g = student.Graph()
    kind = student.run(counted, student.Operation)
    with g.as_default():
        x = student.placeholder()
        before = kind(x)
        y = x * 3.0
        after = kind(y, before)
    session = student.Session(g)
    assert_close(session.run(y, {x: a}), 3 * a, what="3 x")
    check(value(kind.calls) == 0, "a node that is not needed must not be computed", got=kind.calls)
    assert_close(session.run(after, {x: a}), 3 * a + (a + 1) + 1, what="a node that needs all others")


@pytest.mark.points(0.5)
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
def test_missing_feed(student, rng):
    """A needed placeholder without a feed is a KeyError, ValueError or RuntimeError.

    Hint: there is no value to guess, zero included.
    """
    g = student.Graph()
    with g.as_default():
        x, w = student.placeholder(), student.placeholder(())
        y = x * w
    session = student.Session(g)
    for feed in ({w: 1.0}, {}, None):
        with raises(*MISSING):
            session.run(y, feed)
    a = float(rng.normal())
    assert_close(session.run(y, {x: a, w: 2.0}), 2 * a, what="the product, with both fed")


@pytest.mark.points(0.5)
def test_nothing_is_left_from_the_last_run(student, rng):
    """A run sees only its own feeds, and constants as they were made: what changes elsewhere is not seen.

    Hint: begin every run with an empty dict of values, do not change what you were given, and copy an array that you
    keep: np.array copies, np.asarray does not.
    """
    fixed = rng.normal(size=(2, 3))
    got = student.run(value_after_a_change, student.Graph, student.Session, student.constant, fixed)
    assert_close(got, fixed, what="a constant, after the array that it was made from has changed")
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


@pytest.mark.points(0.5)
def test_any_node_can_be_fed(student, rng):
    """A fed node, whatever its kind, has the fed value; it is not computed, and what lies behind it is not needed.

    Hint: stop at fed nodes when you look for what is needed.
    """
    a, b = rng.normal(size=2)
    g = student.Graph()
    kind = student.run(counted, student.Operation)
    with g.as_default():
        x, fixed = student.placeholder(), student.constant(1.0)
        h = kind(kind(x))
        y = h * h + fixed
    session = student.Session(g)
    assert_close(session.run(y, {h: a}), a * a + 1, what="h * h + 1 with h fed, and without x")
    check(value(kind.calls) == 0, "neither the fed node nor what is behind it may be computed", got=kind.calls)
    assert_close(session.run(y, {h: a, fixed: b}), a * a + b, what="h * h + constant with both fed")
    assert_close(session.run([h, y], {h: b})[0], b, what="a fetch that is fed itself")


@pytest.mark.points(1)
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
    check(is_a(got, dict), "a dict of fetches must give a dict", got=got)
    check(list(got) == ["twice", "nested", 3, "none"], "the result must have the keys of the fetches", got=list(got))
    twice, nested = got["twice"], got["nested"]
    check(is_a(twice, list) and len(twice) == 2, "a list of two must give a list of two", got=twice)
    check(is_a(nested, tuple) and len(nested) == 3, "a tuple of three must give a tuple of three", got=nested)
    check(is_a(nested[1], list) and is_a(nested[2], dict), "structures inside must be mirrored too", got=nested)
    for what, one, expected in (
        ("the first of two", twice[0], a + 1),
        ("the second of two", twice[1], a + 1),
        ("a node in a tuple", nested[0], a),
        ("a node in a list in a tuple", nested[1][0], a + 1),
        ("a node in a dict in a tuple", nested[2]["x"], a),
        ("a node in a dict", got[3], a + 1),
    ):
        assert_close(one, expected, what=what)
    alone = session.run([y], {x: a})
    check(is_a(alone, list) and len(alone) == 1, "a list of one must give a list of one", got=alone)


@pytest.mark.points(0.5)
def test_shape_of_a_feed(student, rng):
    """A fed value that does not fit its placeholder's shape is a ValueError; None fits any length.

    Hint: compare the number of axes first, then each length that is not None.
    """
    g = student.Graph()
    with g.as_default():
        rows, number, free = student.placeholder((None, 3)), student.placeholder(()), student.placeholder()
        y = rows * number + free
    session = student.Session(g)
    for n in (1, 4):
        a = rng.normal(size=(n, 3))
        assert_close(session.run(y, {rows: a, number: 2.0, free: np.zeros((1, 3))}), 2 * a, what="a run that fits")
    for wrong in (np.ones((2, 4)), np.ones(3), np.ones((1, 2, 3)), 1.0):
        with raises("ValueError"):
            session.run(y, {rows: wrong, number: 2.0, free: 0.0})
    with raises("ValueError"):
        session.run(y, {rows: np.ones((2, 3)), number: [2.0], free: 0.0})


@pytest.mark.points(0.5)
def test_nodes_of_another_graph(student, rng):
    """Fetching or feeding a node of another graph is a ValueError.

    Hint: compare node.graph with the session's graph, for fetches and for the keys of feed_dict.
    """
    a = float(rng.normal())
    nodes = []
    for _ in range(2):
        with student.Graph().as_default():
            x = student.placeholder()
            nodes.append((x, x * 2.0))
    (x, y), (foreign, result) = nodes
    session = student.Session(x.graph)
    assert_close(session.run(y, {x: a}), 2 * a, what="2 x")
    with raises("ValueError"):
        session.run([y, result], {x: a, foreign: a})
    with raises("ValueError"):
        session.run([y, foreign], {x: a})
    with raises("ValueError"):
        session.run(y, {x: a, foreign: a})


@pytest.mark.points(0.5)
def test_deep_graph(student, rng):
    """A chain of 5,000 operations runs without a recursion error.

    Hint: no recursion over the graph; a list as a stack, or the order of graph.operations.
    """
    a = float(rng.normal())
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
    y = student.run(long_chain, x, 5000)
    assert_close(student.Session(g).run(y, {x: a}), a + 5000, what="x after 5,000 additions of 1")
