"""Hidden tests of task 6: training as a node."""

import numpy as np
import pytest

from autograder.graders.session_graphs.oracles import regression_descent
from autograder.graders.session_graphs.probes import in_a_block
from autograder.grading import assert_close, check, is_a, probe, same, value

SLOPE = 1e4
"""Steep: what clips gradients shows there."""


@probe
def size_of(graph):
    return len(graph.operations)


@probe
def runs_that_may_add_nodes(Session, train, x, t, *numbers):
    run, counts, lengths = Session.run, [], []

    def noted(self, *arguments, **options):
        counts[-1] += not self.graph.finalized
        return run(self, *arguments, **options)

    Session.run = noted
    try:
        for steps in numbers:
            counts.append(0)
            lengths.append(len(train(x, t, steps=steps)[3]))
    finally:
        Session.run = run
    return counts, lengths


def session_with(student, g):
    """A session in which all variables of g have their initial values."""
    with g.as_default():
        init = student.global_variables_initializer()
    session = student.Session(g)
    session.run(init)
    return session


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with Graph().as_default():\n"
    "    v, w, rate, session = Variable(5.0), Variable(1.0), placeholder(), Session()\n"
    "    step = GradientDescentOptimizer(rate).minimize(v * v + 3.0 * w)\n"
    "    session.run(global_variables_initializer())\n"
    "session.run(step, {rate: 0.1})\n"
    "[session.run(v), session.run(w)]",
    gives=[4.0, 0.7],
)
def test_a_step(student, rng):
    """Each run changes every variable by -learning_rate times its gradient; the rate is a number or a node.

    Hint: one assign for each variable, and a Group of them. v - learning_rate * g is right for a node, too. A long
    gradient is a long step.
    """
    a, b, x = rng.normal(size=3), float(rng.normal()), rng.normal(size=3)
    rate = float(rng.uniform(0.05, 0.2))
    g = student.Graph()
    with g.as_default():
        v, w, data, fed = student.Variable(a), student.Variable(b), student.placeholder((3,)), student.placeholder(())
        loss = student.reduce_sum(v * v * data) + w * SLOPE
    step = student.GradientDescentOptimizer(rate).minimize(loss)
    session = session_with(student, g)
    assert_close(session.run(v), a, what="the first variable before a step")
    for times in (1, 2):
        session.run(step, {data: x})
        assert_close(session.run(v), a * (1 - 2 * rate * x) ** times, what=f"the first variable after {times} steps")
        assert_close(session.run(w), b - times * SLOPE * rate, what=f"the second variable after {times} steps")
    step = student.GradientDescentOptimizer(fed * 0.5).minimize(loss, var_list=[w])
    for times, number in ((3, rate), (5, 2 * rate)):
        session.run(step, {data: x, fed: 2 * number})
        what = "the second variable after a step whose learning rate is half of what is fed"
        assert_close(session.run(w), b - times * SLOPE * rate, what=what)


@pytest.mark.points(1)
@pytest.mark.example(
    "with Graph().as_default():\n"
    "    v, w, session = Variable(2.0), Variable(3.0), Session()\n"
    "    step = GradientDescentOptimizer(0.1).minimize(v * w)\n"
    "    session.run(global_variables_initializer())\n"
    "session.run(step)\n"
    "[session.run(v), session.run(w)]",
    gives=[1.7, 2.8],
)
def test_all_gradients_before_all_updates(student, rng):
    """All gradients are those from before the step: no variable sees another one's new value.

    Hint: for loss = v * w the gradient of w is v, the old one. Do all assignments in one run.
    """
    a, b = rng.uniform(1.0, 2.0, size=(2, 3))
    rate = float(rng.uniform(0.1, 0.3))
    g = student.Graph()
    with g.as_default():
        v, w = student.Variable(a), student.Variable(b)
        loss = student.reduce_sum(v * w)
    step = student.GradientDescentOptimizer(rate).minimize(loss)
    session = session_with(student, g)
    for times in (1, 2):
        session.run(step)
        a, b = a - rate * b, b - rate * a
        assert_close(session.run(v), a, what=f"the first of two variables after {times} steps on their product")
        assert_close(session.run(w), b, what=f"the second of two variables after {times} steps on their product")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with Graph().as_default():\n"
    "    v, w, alone, session = Variable(2.0), Variable(3.0), Variable(4.0), Session()\n"
    "    step = GradientDescentOptimizer(0.1).minimize(v * v + w, var_list=[v, alone])\n"
    "    session.run(global_variables_initializer())\n"
    "session.run(step)\n"
    "[session.run(v), session.run(w), session.run(alone)]",
    gives=[1.6, 3.0, 4.0],
)
def test_other_variables_stay(student, rng):
    """Variables that are not in var_list, or that the loss does not depend on, keep their values.

    Hint: leave out variables whose gradient is None. If none is left, no input says to which graph a Group belongs.
    """
    a, b, c = rng.normal(size=3)
    g = student.Graph()
    with g.as_default():
        v, w, alone = student.Variable(a), student.Variable(b), student.Variable(c)
        loss = v * v + w * w
    optimizer = student.GradientDescentOptimizer(0.1)
    of_all, of_one, of_none = (optimizer.minimize(loss, var_list=those) for those in (None, [alone, w], []))
    session = session_with(student, g)
    session.run(of_none)
    assert_close(session.run(v), a, what="a variable after a step with an empty var_list")
    session.run(of_one)
    assert_close(session.run(v), a, what="a variable that is not in var_list")
    assert_close(session.run(w), 0.8 * b, what="the variable that is in var_list")
    session.run(of_all)
    assert_close(session.run(alone), c, what="a variable that the loss does not depend on")
    assert_close(session.run(v), 0.8 * a, what="a variable after a step on all")
    with student.Graph().as_default():
        number = student.Variable(c)
    with student.Graph().as_default():
        data = student.placeholder()
    of_nothing = optimizer.minimize(data * data)
    check(same(of_nothing.graph, data.graph), "the step must be in the loss's graph, also if that has no variables")
    default = student.get_default_graph()
    of_another = optimizer.minimize(number * number)
    check(same(of_another.graph, number.graph), "an optimizer must serve a second graph: the step must be in that one")
    left = same(student.get_default_graph(), default)
    check(left, "minimize must leave the default graph what it was, also where the loss is in another one")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, t = np.array([[1.0], [2.0]]), np.array([1.0, 2.0])\n"
    "short, long = (train_regression(x, t, steps=n)[0] for n in (2, 4))\n"
    "[long.finalized, len(long.operations) - len(short.operations)]",
    gives=[True, 0],
)
def test_training_adds_nothing_to_the_graph(student, rng):
    """The graph is finalized before the first step, and has the same size however many steps follow.

    Hint: call minimize once, before the loop; in the loop only run, as often as `steps` says.
    """
    x, t = rng.normal(size=(6, 2)), np.zeros(6)  # nothing is left to learn
    sizes, graphs = [], []
    for steps in (0, 5):
        result = student.train_regression(x, t, steps=steps)
        check(
            isinstance(result, tuple) and len(result) == 4, "a tuple must come back: graph, w, b and losses", got=result
        )
        check(value(result[0].finalized) is True, "the graph must be finalized", got=result[0].finalized)
        check(len(result[3]) == steps, f"{steps} steps must give {steps} losses", got=len(result[3]))
        sizes.append(value(student.run(size_of, result[0])))
        graphs.append(result[0])
    check(sizes[0] == sizes[1] and sizes[0] > 5, "0 steps and 5 steps must need the same number of nodes", got=sizes)
    check(not same(*graphs), "each call must make a new graph")
    unknown = np.full(6, np.nan)  # and so is every loss
    runs, lengths = student.run(runs_that_may_add_nodes, student.Session, student.train_regression, x, unknown, 0, 3)
    early = int(runs[1]) - int(runs[0])
    check(early == 0, "the graph must be finalized before the first of 3 steps", got=f"{early} runs of steps before")
    check(value(lengths) == [0, 3], "3 steps must give 3 losses, also where the loss is no number", got=lengths)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, t = np.array([[1.0], [2.0]]), np.array([1.0, 2.0])\n"
    "graph, w, b, losses = train_regression(x, t, learning_rate=0.1, steps=2)\n"
    "[*losses, type(losses).__name__, *w.shape, *b.shape]",
    gives=[2.5, 0.265, "list", 1],
)
def test_regression(student, rng):
    """train_regression takes plain steps on all the data, from zero, and says the loss before each of them.

    Hint: mean, not sum; t has shape (n,), and (n, 1) - (n,) would be (n, n). w has shape (d,) for every d. Every step
    uses all rows, however many, and every step is taken, also where the loss grows. Open a session of your own.
    """
    steps, usual = 4, float(rng.uniform(0.05, 0.15))
    for n, d, rate in ((7, int(rng.integers(2, 5)), usual), (300, 1, 1.5)):
        x, t = rng.normal(size=(n, d)), rng.normal(size=n)
        w, b, losses = regression_descent(x, t, np.zeros(d), 0.0, rate, steps)
        if n == 7:
            got = student.train_regression(x, t, learning_rate=rate, steps=steps)
        else:  # another session is the default, and its graph
            got = student.run(in_a_block, student.Session, student.Graph(), student.train_regression, x, t, rate, steps)
        check(isinstance(got, tuple) and len(got) == 4, "a tuple must come back: graph, w, b and losses", got=got)
        floats = is_a(got[3], list) and all(is_a(loss, float) for loss in got[3])
        check(floats, "the losses must be a list of float", got=got[3])
        assert_close(got[3], losses, what="the list of losses before each step", rtol=1e-6)
        check(is_a(got[1], np.ndarray), "w must be an array", got=got[1])
        check(is_a(got[2], np.ndarray) or isinstance(got[2], np.generic), "b must be an array, too", got=got[2])
        assert_close(got[1], w, what="w after the last step", rtol=1e-6)
        assert_close(got[2], b, what="b after the last step", rtol=1e-6)
