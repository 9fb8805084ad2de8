"""Hidden tests of task 5: gradients as nodes. Upstream gradients are random, expected ones come from differences."""

import numpy as np
import pytest

from autograder.graders.oracles import numeric_gradients
from autograder.graders.session_graphs.probes import long_chain
from autograder.grading import assert_close, check, probe, value


@probe
def counted(Operation, register_gradient):
    class Counted(Operation):
        computed = 0
        visited = 0

        def compute(self, session, a, b):
            type(self).computed += 1
            return a + b

    def rule(node, g):
        Counted.visited += 1
        if Counted.visited > 1000:
            raise RuntimeError("the nodes of the ladder were visited again and again")
        return g, g

    register_gradient(Counted)(rule)
    return Counted


@probe
def ladder(kind, x, levels):
    for _ in range(levels):
        x = kind(x, x)
    return x


def compare(student, rng, f, *arrays, oracle=None):
    """Check the gradients of f by placeholders for these arrays; every output has a random weight."""
    oracle = oracle or f
    weights = rng.normal(size=np.shape(oracle(*arrays)))
    g = student.Graph()
    with g.as_default():
        xs = [student.placeholder() for _ in arrays]
        y = student.reduce_sum(f(*xs) * weights)
    got = student.Session(g).run(student.gradients(y, xs), dict(zip(xs, arrays, strict=True)))
    check(isinstance(got, list) and len(got) == len(xs), "there must be one gradient for each x", got=got)
    expected = numeric_gradients(oracle, list(arrays), weights)
    for place, (gradient, right) in enumerate(zip(got, expected, strict=True), 1):
        assert_close(gradient, right, what=f"the gradient of operand {place}", rtol=1e-5, atol=1e-7)


@pytest.mark.points(1)
@pytest.mark.example(
    "x, w, session = placeholder(), placeholder(), Session()\n"
    "quotient = session.run(gradients(2.0 * (x / w), [x, w]), {x: 6.0, w: 2.0})\n"
    "product = session.run(gradients(matmul(x, w), [x])[0], {x: [[1.0, 2.0]], w: [[3.0], [4.0]]})\n"
    "{'2 x / w': quotient, 'matmul': product}",
    gives={"2 x / w": [1.0, -3.0], "matmul": [[3.0, 4.0]]},
)
def test_rules(student, rng):
    """The rules for a * b, a / b and the matrix product are right, also where a factor or dividend is 0.

    Hint: differentiate by one operand while the other stands still, and multiply by g; for matrices the shapes tell.
    b is the slope of a * b for a; (a * b) / a is no number where a is 0.
    """
    a, b = rng.uniform(0.5, 2.0, size=(2, 2, 3))
    a[0, 0] = 0.0
    compare(student, rng, lambda a, b: a * b, a, a[::-1].copy())
    compare(student, rng, lambda a, b: a / b, a, b)
    compare(student, rng, student.matmul, a, b.T.copy(), oracle=np.matmul)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, w = placeholder(), placeholder()\n"
    "(dw,) = gradients(x / w * 4.0, [w])\n"
    "Session().run(dw, {x: [1.0, 2.0, 3.0], w: 2.0})",
    gives=-6.0,
)
def test_broadcasting(student, rng):
    """Where an operand was broadcast, its gradient is summed to the operand's own shape.

    Hint: sum_like(…, a) and sum_like(…, b) around both gradients, for products and for quotients.
    """
    column, row, number = (rng.uniform(0.5, 2.0, size=shape) for shape in ((3, 1), (4,), ()))
    for left, right in ((column, row), (row, number), (number, column)):
        compare(student, rng, lambda a, b: a * b, left, right)
        compare(student, rng, lambda a, b: a / b * a / b, left, right)  # also by nodes in between


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = placeholder()\nh = x * x\n(dx,) = gradients(h * x * x + h, [x])\nSession().run(dx, {x: 2.0})",
    gives=36.0,
)
def test_paths_add_up(student, rng):
    """A node that reaches y by several paths, also of different length, gets the sum over all of them.

    Hint: add to what has arrived, and pass a node's gradient on only when everything after it has had its turn.
    """
    a, b = rng.uniform(0.5, 2.0, size=(2, 3))
    compare(student, rng, lambda x: x * x, a)
    compare(student, rng, lambda x, w: x * w + w / x, a, b)

    def uneven(x, w):
        h = x * x
        return h * w * w * w + h

    compare(student, rng, uneven, a, b)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, other, session = placeholder(), placeholder(), Session()\n"
    "got, feed = gradients(x * x, [other, x]), {x: 3.0, other: 1.0}\n"
    "nothing = got[0] is None or session.run(got[0], feed) == 0.0\n"
    "[nothing, session.run(got[1], feed)]",
    gives=[True, 6.0],
)
def test_without_a_path(student, rng):
    """For an x that y does not depend on there is None (or zeros of its shape), in its place.

    Hint: a dict of gradients by node, and .get. Zeros would need the shape that x has in the run. Where a rule passes
    nothing on, as that of Size, the nodes behind may get no gradient at all.
    """
    a, b = rng.normal(size=3), rng.normal(size=(2, 1))
    g = student.Graph()
    with g.as_default():
        x, other, measured = (student.placeholder() for _ in range(3))
        y = x * x + student.Size(student.exp(measured))
        _ = other * y
    got = student.gradients(y, [other, x, other, x])
    check(isinstance(got, list) and len(got) == 4, "there must be one gradient for each x", got=got)
    session, feed = student.Session(g), {x: a, other: b, measured: b}
    for gradient, asked in ((got[1], "once"), (got[3], "twice")):
        check(gradient is not None, f"an x that is asked for {asked} must have its gradient there", got=gradient)
        assert_close(session.run(gradient, feed), 2 * a, what=f"the gradient of an x that is asked for {asked}")
    for gradient in (got[0], got[2]):
        if gradient is not None:
            what = "the gradient of an x that y does not depend on, if it is not None,"
            assert_close(session.run(gradient, feed), np.zeros_like(b), what=what)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = placeholder()\nh = 3.0 * x\ny = h * h\nSession().run(gradients(y, [h, y, x]), {x: 2.0})",
    gives=[12.0, 1.0, 36.0],
)
def test_nodes_in_between(student, rng):
    """The gradient can be asked for at a node in between, and at y itself, where it is ones.

    Hint: keep every node's gradient, not only that of nodes without inputs.
    """
    a = rng.normal(size=3)
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
        h = x * 3.0
        y = h * h
    asked = [*student.gradients(y, [h, y, x]), *student.gradients(x, [x])]
    by_h, by_y, by_x, by_itself = student.Session(g).run(asked, {x: a})
    assert_close(by_h, 6 * a, what="the gradient of h * h with respect to h = 3 x")
    assert_close(by_y, np.ones(3), what="the gradient of y with respect to y")
    assert_close(by_x, 18 * a, what="the gradient with respect to x")
    assert_close(by_itself, np.ones(3), what="the gradient of a placeholder with respect to itself")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with Graph().as_default() as g:\n"
    "    x = placeholder()\n"
    "(dx,) = gradients(x * x, [x])\n"
    "g.finalize()\n"
    "session = Session(g)\n"
    "[dx.graph is g, session.run(dx, {x: 1.0}), session.run(dx, {x: 5.0})]",
    gives=[True, 2.0, 10.0],
)
def test_gradients_are_part_of_the_graph(student, rng):
    """gradients computes nothing: it gives nodes, in y's graph, whose values follow what is fed to each run.

    Hint: build nodes from nodes. There is no array in gradients.
    """
    kind = student.run(counted, student.Operation, student.register_gradient)
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
        y = kind(x, x) * x
    with student.Graph().as_default() as other:
        (dx,) = student.gradients(y, [x])
    check(value(kind.computed) == 0, "gradients may not compute anything", got=kind.computed)
    check(len(list(other.operations)) == 0, "the new nodes must be in y's graph, not in the default graph")
    g.finalize()
    session = student.Session(g)
    for a in rng.normal(size=(2, 3)):
        assert_close(session.run(dx, {x: a}), 4 * a, what="the gradient of (x + x) x")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with Graph().as_default() as g:\n"
    "    x = y = placeholder()\n"
    "for _ in range(10):\n"
    "    y = y + y\n"
    "gradients(y, [x])\n"
    "len(g.operations) < 300",
    gives=True,
)
@pytest.mark.timeout(2)
def test_each_node_is_visited_once(student, rng):
    """On a ladder of 30 steps x = x + x each node's rule is called once.

    Hint: visit nodes, not paths, in the reverse order of graph.operations.
    """
    a, kind = float(rng.normal()), student.run(counted, student.Operation, student.register_gradient)
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
        y = student.run(ladder, kind, x, 30) * a
    (dx,) = student.gradients(y, [x])
    check(value(kind.visited) == 30, "30 nodes must give 30 calls of the rule", got=kind.visited)
    assert_close(student.Session(g).run(dx, {x: 1.0}), a * 2.0**30, what="the gradient behind 30 doublings")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = placeholder()\n"
    "y = 2.0 * x\n"
    "for _ in range(5000):\n"
    "    y = y + 1.0\n"
    "(dx,) = gradients(3.0 * y, [x])\n"
    "Session().run(dx, {x: 1.0})",
    gives=6.0,
)
def test_deep_graph(student, rng):
    """A chain of 5,000 operations is differentiated without a recursion error.

    Hint: no recursion over the graph.
    """
    a = rng.normal(size=2)
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
    y = student.run(long_chain, x * 1.0, 5000)
    (dx,) = student.gradients(y * a, [x])
    assert_close(student.Session(g).run(dx, {x: [1.0, 2.0]}), a, what="the gradient behind 5,000 additions")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = placeholder()\n"
    "(first,) = gradients(x / (1.0 + x), [x])\n"
    "(second,) = gradients(first, [x])\n"
    "Session().run([first, second], {x: 1.0})",
    gives=[0.25, -0.25],
)
def test_second_derivative(student, rng):
    """The gradient of a gradient is the second derivative.

    Hint: it follows by itself when the rules are written with nodes and operators. What comes in as g may depend on x.
    """
    a, w = rng.uniform(0.5, 1.5, size=(2, 3))
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
        y = student.exp(x) * x * x + x / (w + x) * x
    (first,) = student.gradients(y, [x])
    (second,) = student.gradients(first, [x])
    got = student.Session(g).run(second, {x: a})
    expected = np.exp(a) * (a * a + 4 * a + 2) + 2 * w * w / (w + a) ** 3
    assert_close(got, expected, what="the second derivative of exp(x) x x + x / (w + x) x")
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    with student.Graph().as_default() as g:
        x, w = student.placeholder(), student.placeholder()
        y = student.matmul(x, w)
    by_x, by_w = student.gradients(y * y, [x, w])
    second = student.gradients(by_x, [x, w]) + student.gradients(by_w, [w])
    twice_x, mixed, twice_w = student.Session(g).run(second, {x: a, w: b})
    assert_close(twice_x, 2 * np.ones((2, 3)) @ b @ b.T, what="the second derivative of matmul(x, w) squared by x")
    by_both = 2 * np.ones((3, 2)) @ a @ b + 2 * a.T @ np.ones((2, 3)) @ b
    assert_close(mixed, by_both, what="the derivative by w of that by x of matmul(x, w) squared")
    assert_close(twice_w, 2 * a.T @ a @ np.ones((3, 4)), what="the second derivative of matmul(x, w) squared by w")
