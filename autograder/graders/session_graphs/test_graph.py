"""Hidden tests of task 1: a graph and its nodes."""

import numpy as np
import pytest

from autograder.graders.session_graphs.probes import counted, default_while_finalized, leave_by_exception
from autograder.grading import check, is_a, raises, same, value


def is_default(student, graph):
    """Whether this graph is the default graph now."""
    return same(student.get_default_graph(), graph)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "g, before = Graph(), get_default_graph()\n"
    "with g.as_default():\n"
    "    with Graph().as_default():\n"
    "        pass\n"
    "    inside = get_default_graph()\n"
    "[inside is g, get_default_graph() is before]",
    gives=[True, True],
)
def test_default_graph_follows_the_blocks(student):
    """The default graph is that of the innermost as_default block, and outside of all blocks always the same one.

    Hint: a stack. The end of an inner block brings back the outer one, also when both are of one graph.
    """
    outside = student.get_default_graph()
    g, h = student.Graph(), student.Graph()
    with g.as_default() as entered:
        check(same(entered, g), "`with g.as_default() as h` must make h be g")
        check(is_default(student, g), "inside the block its graph must be the default graph")
        with h.as_default():
            check(is_default(student, h), "inside the inner block its graph must be the default graph")
            with g.as_default():
                check(is_default(student, g), "a block of the same graph can be opened again inside")
            check(is_default(student, h), "after the innermost block the middle one must count again")
        check(is_default(student, g), "after the inner block the outer one must count again")
    check(is_default(student, outside), "after all blocks the default graph must be the one from before")
    stayed = value(student.run(default_while_finalized, student.get_default_graph))
    check(stayed is True, "outside of all blocks the default graph must be the same one, finalized or not")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "outer, caught = Graph(), False\n"
    "with outer.as_default():\n"
    "    try:\n"
    "        with Graph().as_default():\n"
    "            raise KeyError\n"
    "    except KeyError:\n"
    "        caught = True\n"
    "    now = get_default_graph()\n"
    "[caught, now is outer]",
    gives=[True, True],
)
def test_default_graph_is_restored_after_an_exception(student):
    """An exception in an as_default block reaches the caller, and the default graph is what it was before the block.

    Hint: restore in `finally`, which also runs for a KeyboardInterrupt, Jupyter's stop button; do not catch what is
    raised.
    """
    outer, inner = student.Graph(), student.Graph()
    with outer.as_default():
        for stopped, what in ((False, "an exception"), (True, "a KeyboardInterrupt")):
            came_out = value(student.run(leave_by_exception, inner.as_default(), stopped))
            check(came_out is True, f"{what} in the block must reach the caller")
            check(is_default(student, outer), f"after {what} the outer block's graph must be the default graph")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "g = Graph()\n"
    "with g.as_default():\n"
    "    x = placeholder()\n"
    "    y = Operation(x, [1.0, 2.0], 3.0)\n"
    "    z = Operation(y, 3.0)\n"
    "[g.operations == [x, *y.inputs[1:], y, z.inputs[1], z], isinstance(y.inputs, tuple)]",
    gives=[True, True],
)
def test_nodes_are_listed_in_order(student, rng):
    """graph.operations lists every node once, after its inputs; a number or a list becomes a node of its own.

    Hint: first turn whatever is no node into constants, then append the node itself. A number that is used in two nodes
    is two constants.
    """
    number, listed = np.float32(rng.normal()), rng.normal(size=2).tolist()
    g = student.Graph()
    with g.as_default():
        x, fixed = student.placeholder(), student.constant(number)
        y = student.Operation(x, number, listed)
        z = student.Operation(y, x, y)
        last = student.Operation(z, listed, number)
    check(is_a(g.operations, list), "operations must be a list")
    nodes = list(g.operations)
    what = "x, a constant and three nodes, two of which have an equal number and list, must be 9 operations"
    check(len(nodes) == 9, what, got=len(nodes))
    places = [[i for i, node in enumerate(nodes) if same(node, wanted)] for wanted in (x, fixed, y, z, last)]
    check(all(len(found) == 1 for found in places), "each node must be listed exactly once", got=places)
    in_order = [x, fixed, *list(y.inputs)[1:], y, z, *list(last.inputs)[1:], last]
    check(all(map(same, nodes, in_order)), "every node must be listed after all of its inputs")
    check(is_a(z.inputs, tuple), "inputs must be a tuple")
    inputs = list(z.inputs)
    check(len(inputs) == 3 and all(map(same, inputs, [y, x, y])), "inputs must hold the nodes themselves, in order")


@pytest.mark.points(1)
@pytest.mark.example(
    "class Counted(Operation):\n"
    "    calls = 0\n"
    "    def compute(self, session, a):\n"
    "        Counted.calls += 1\n"
    "        return a\n"
    "node = Counted(1.0)\n"
    "Counted.calls",
    gives=0,
)
def test_nothing_is_computed(student, rng):
    """Making nodes computes nothing, not even when all inputs are constants.

    Hint: the constructor notes down the inputs. Leave compute to the session.
    """
    g = student.Graph()
    kind = student.run(counted, student.Operation)
    with g.as_default():
        node = kind(student.constant(float(rng.normal())), float(rng.normal()))
        kind(node, student.placeholder())
        kind(float(rng.normal()))
        kind()
    check(len(list(g.operations)) == 8, "four nodes and their four inputs must be in the graph")
    check(value(kind.calls) == 0, "compute must not have been called", got=kind.calls)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "g, other = Graph(), Graph()\n"
    "with g.as_default():\n"
    "    x = placeholder()\n"
    "with other.as_default():\n"
    "    y = x + 1.0\n"
    "[y.graph is g, len(g.operations), len(other.operations)]",
    gives=[True, 3, 0],
)
def test_a_node_joins_its_inputs(student, rng):
    """A node that is made from others belongs to their graph, whatever the default graph is, and so do its numbers.

    Hint: ask the inputs for their graph first, and make constants inside that graph's as_default block. The default
    graph may be finalized: nothing is added to it.
    """
    g, other = student.Graph(), student.Graph()
    with g.as_default():
        x = student.placeholder()
    other.finalize()
    with other.as_default():
        y = student.Operation(rng.integers(1, 9), x)
    check(same(y.graph, g), "the node must belong to the graph of its inputs")
    check(len(list(g.operations)) == 3, "the node and its number must be listed there", got=len(list(g.operations)))
    check(len(list(other.operations)) == 0, "the default graph must have got nothing", got=len(list(other.operations)))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with Graph().as_default():\n    x = placeholder()\nwith Graph().as_default():\n    y = placeholder()\nx + y",
    raises="ValueError",
)
def test_inputs_of_two_graphs(student):
    """A node whose inputs belong to two graphs is a ValueError.

    Hint: collect the graphs of all inputs that are nodes.
    """
    nodes = []
    for _ in range(2):
        with student.Graph().as_default():
            nodes.append(student.placeholder())
    student.Operation(nodes[0], nodes[0])
    first, second = nodes
    for inputs in ((first, second), (first, first, 1.0, second)):
        with raises("ValueError"):
            student.Operation(*inputs)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "g = Graph()\nwith g.as_default():\n    x = placeholder()\ng.finalize()\ny = x + 1.0\nlen(g.operations)",
    raises="RuntimeError",
)
def test_finalized_graph_does_not_grow(student):
    """After finalize every new node is a RuntimeError, and the graph stays as it is.

    Hint: look at finalized of the node's own graph before anything is appended, numbers included.
    """
    g, outside = student.Graph(), student.get_default_graph()
    with g.as_default():
        x = student.placeholder()
        check(value(g.finalized) is False, "a new graph must not be finalized", got=g.finalized)
        g.finalize()
        check(value(g.finalized) is True, "finalize must set finalized to True", got=g.finalized)
        with raises("RuntimeError"):
            student.placeholder()
        with raises("RuntimeError"):
            student.constant(1.0)
    for inputs in ((x, 1.0), (x, x)):  # outside of its block
        with raises("RuntimeError"):
            student.Operation(*inputs)
    check(is_default(student, outside), "the default graph must be the one from before, also after nodes were refused")
    nodes = g.operations
    check(is_a(nodes, list), "operations must be a list as before", got=nodes)
    check(len(nodes) == 1, "nothing may have been added", got=len(nodes))
