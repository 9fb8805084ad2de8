"""Hidden tests of task 9: decisions and loops in exported graphs, which run in a clean room."""

import numpy as np
import pytest

from autograder.graders.session_graphs.oracles import (
    barely_too_far,
    check_placeholders,
    check_types,
    newton_steps,
    operations_behind,
)
from autograder.graders.session_graphs.probes import built_twice, placeholders_in
from autograder.grading import as_numbers, assert_close, check, probe

DECISIONS = {"If", "StatelessIf", "Case", "StatelessCase", "Switch", "RefSwitch"}
LOOPS = {"While", "StatelessWhile", "LoopCond"}
"""Control flow as TensorFlow 2 writes it into a graph, and as TensorFlow 1 did."""
NO_SQUARE = 777_777.0
"""No float32 has a square within 0.06 of it: a loop that waits for less never ends, whatever else is drawn."""
BEHIND_ONE = 1.0 + 2.0**-23
"""The next float32. No float32 has a square within a ten-millionth of it: a loop that waits for that is braked."""


@probe
def export(build):
    return build().as_graph_def().SerializeToString()


def clipped(student, clean, vectors, limits):
    """What the clipping graph makes of each vector, with a limit for each."""
    feeds = [{"x:0": np.float32(v), "limit:0": np.float32(limit)} for v, limit in zip(vectors, limits, strict=True)]
    answers = clean.run_graph(student.run(export, student.build_clip), [(["y:0"], feed) for feed in feeds])
    return [y for (y,) in answers]


def listed(found):
    """Names from the graph, for a message."""
    return ", ".join(name[:30] for name in sorted(found)[:20])


def roots(student, clean, numbers):
    """Root and number of steps for each number."""
    runs = [(["root:0", "steps:0"], {"a:0": np.float32(a)}) for a in numbers]
    return clean.run_graph(student.run(export, student.build_root), runs)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tf1.Session(graph=build_clip()) as session:\n"
    "    y = session.run('y:0', {'x:0': [6.0, 8.0], 'limit:0': 5.0})\n"
    "y",
    gives=[3.0, 4.0],
)
def test_clip_long_vectors(student, clean, rng):
    """A vector that is longer than the limit keeps its direction and gets the limit as its length.

    Hint: x * (limit / length); tf.norm(x) is the length of the whole vector, and nothing need be added to it. A vector
    can be longer than the limit, and no element of it larger.
    """
    vectors = [rng.uniform(9, 30, size=2) * (1, -1), rng.normal(size=5) * 20 + 1, np.array([-1.2e-6, 0.9e-6, 2e-6])]
    limits = [0.97 * np.linalg.norm(vectors[0]), rng.uniform(0.5, 1.5), 5e-7]
    for x, limit, y in zip(vectors, limits, clipped(student, clean, vectors, limits), strict=True):
        length = np.linalg.norm(x)
        what = f"y:0 for a vector of length {length:.2g} and the limit {limit:.2g}"
        assert_close(y, x * (limit / length), what=what, rtol=1e-5, atol=0.0)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tf1.Session(graph=build_clip()) as session:\n"
    "    ys = [session.run('y:0', {'x:0': x, 'limit:0': 5.0}) for x in ([1.0, 2.0], [0.0, 0.0])]\n"
    "np.array(ys)",
    gives=[[1.0, 2.0], [0.0, 0.0]],
)
def test_clip_short_vectors(student, clean, rng):
    """A vector that is short enough comes back as it is, the zero vector too.

    Hint: the branch for short vectors returns x itself, without a division by its length. The length is no sum of
    absolute values, which is larger.
    """
    vectors = [rng.uniform(0.1, 0.9, size=3), np.zeros(4), np.array([-3e-6])]
    limits = [1.05 * np.linalg.norm(vectors[0]), 4.0, 3.5e-6]
    for x, limit, y in zip(vectors, limits, clipped(student, clean, vectors, limits), strict=True):
        what = f"y:0 for a vector of length {np.linalg.norm(x):.2g} and the limit {limit:.2g}"
        assert_close(y, x, what=what, rtol=1e-6, atol=0.0)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "graph, other = build_clip(), build_clip()\n"
    "data = graph.as_graph_def()\n"
    "nodes = [*data.node, *(node for f in data.library.function for node in f.node_def)]\n"
    "decisions = {'If', 'StatelessIf', 'Case', 'StatelessCase', 'Switch', 'RefSwitch'}\n"
    "[bool({node.op for node in nodes} & decisions), graph is not other, graph.get_tensor_by_name('y:0').dtype.name]",
    gives=[True, True, "float32"],
)
def test_clip_decides_in_the_graph(student, clean):
    """build_clip makes a new graph of float32, with the decision as a node, so that a run takes one branch only.

    Hint: tf.Graph() inside the function, and tf1.cond. tf.where and tf.minimum compute everything and choose then. y is
    what comes out of the decision, or is made of it.
    """
    blob, new = student.run(built_twice, student.build_clip)
    check(new is True, "each call must make a new graph")
    check_placeholders(clean.run(placeholders_in, blob), {"x": ["float32", [None]], "limit": ["float32", []]})
    ((y,),) = clean.run_graph(blob, [(["y:0"], {"x:0": np.float32([3.0, 4.0]), "limit:0": np.float32(1.0)})])
    check_types({"y:0": y}, "float32")
    found = operations_behind(clean.graph_nodes(blob), "y")
    check(bool(found & DECISIONS), f"y must come from a conditional operation; it comes from {listed(found)}")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "def root(a):\n"
    "    with tf1.Session(graph=build_root()) as session:\n"
    "        return session.run('root:0', {'a:0': a})\n"
    "[float(f'{root(a):.2g}') for a in (0.0004, 250000.0)]  # two digits",
    gives=[0.02, 500.0],
)
def test_root(student, clean, rng):
    """root:0 is the square root, to a thousandth, for small numbers and large ones.

    Hint: stop when |y * y - a| is small compared with a, and small enough: |y * y - a| / a is
    about twice the relative error of y.
    """
    numbers = [1e-4, barely_too_far(4, 0.0012), *np.exp(rng.uniform(np.log(1e-4), np.log(1e6), size=4)), NO_SQUARE, 1e6]
    for a, (root, _) in zip(numbers, roots(student, clean, numbers), strict=True):
        assert_close(root, np.sqrt(a), what=f"root:0 for a = {a:.4g}", rtol=1.1e-3)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "def steps(a):\n"
    "    with tf1.Session(graph=build_root()) as session:\n"
    "        return int(session.run('steps:0', {'a:0': a}))\n"
    "[steps(1.0) <= 2, steps(0.0004) >= 5]",
    gives=[True, True],
)
def test_root_takes_as_many_steps_as_needed(student, clean):
    """The number of steps depends on the number: next to none for 1, more the farther a is from 1.

    Hint: y starts with a. The condition looks at y; it does not count.
    """
    numbers = [1.0, 4.0, 0.01, 2500.0, 1e6, BEHIND_ONE]
    for a, (_, steps) in zip(numbers, roots(student, clean, numbers), strict=True):
        steps = as_numbers(steps, "steps:0")
        check(steps.shape == () and steps.dtype.kind == "i", "steps:0 must be a single integer", got=steps)
        least = newton_steps(a, 1.1e-3)
        check(least <= int(steps) <= least + 2, f"steps:0 for a = {a:g} must be as many as are needed", got=int(steps))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "graph, other = build_root(), build_root()\n"
    "data = graph.as_graph_def()\n"
    "nodes = [*data.node, *(node for f in data.library.function for node in f.node_def)]\n"
    "types = [graph.get_tensor_by_name(name).dtype.name for name in ('root:0', 'steps:0')]\n"
    "[bool({node.op for node in nodes} & {'While', 'StatelessWhile', 'LoopCond'}), graph is not other, *types]",
    gives=[True, True, "float32", "int32"],
)
def test_root_loops_in_the_graph(student, clean):
    """build_root makes a new graph of float32, the steps int32, with a loop whose body is written down once.

    Hint: tf1.while_loop. A Python loop runs while the graph is built, and writes every step down. Root and steps are
    what comes out of the loop.
    """
    blob, new = student.run(built_twice, student.build_root)
    check(new is True, "each call must make a new graph")
    check_placeholders(clean.run(placeholders_in, blob), {"a": ["float32", []]})
    ((root, steps),) = clean.run_graph(blob, [(["root:0", "steps:0"], {"a:0": np.float32(9.0)})])
    check_types({"root:0": root}, "float32")
    check_types({"steps:0": steps}, "int32")
    nodes = clean.graph_nodes(blob)
    for name in ("root", "steps"):
        found = operations_behind(nodes, name)
        check(bool(found & LOOPS), f"{name} must come from a loop; it comes from {listed(found)}")
