"""Hidden tests of task 4: variables."""

import numpy as np
import pytest

from autograder.grading import as_numbers, assert_close, check, probe, raises, value

UNINITIALISED = ("RuntimeError", "ValueError", "KeyError")


@probe
def grown(graph, session, node, times):
    before = len(graph.operations)
    for _ in range(times):
        session.run(node)
    return len(graph.operations) - before


@probe
def times_listed(graph, node):
    return sum(one is node for one in graph.operations)


@probe
def single(Operation, x):
    import numpy as np

    class Single(Operation):
        def compute(self, session, a):
            return a.astype(np.float32)

    return Single(x)


@probe
def arrays_changed_later(graph, Session, Variable, placeholder, assign, first, second):
    import numpy as np

    with graph.as_default():
        x, v = placeholder(), Variable(first)
        fed, fixed = assign(v, x), assign(v, second)
    first += 1000.0
    session = Session(graph)
    session.run(v.initializer)
    found = [np.array(session.run(v))]
    session.run(fed, {x: second})
    second += 1000.0
    found.append(np.array(session.run(v)))
    session.run(fixed)
    return [*found, session.run(v)]


@probe
def values_after_close(session):
    """How many values a closed session still has where there is a place for them."""
    session.close()
    return len(getattr(session, "variables", None) or ())


@probe
def found_after_close(Session, graph, v, times):
    for _ in range(times):
        session = Session(graph)
        session.run(v.initializer)
        session.close()
        del session  # the next one may get the same id
        try:
            Session(graph).run(v)
        except (RuntimeError, ValueError, KeyError):
            continue
        return True
    return False


def check_float64(got, what):
    """Check the dtype of a variable's value."""
    dtype = str(as_numbers(got, what).dtype)
    check(dtype == "float64", f"{what} must have a float64 value", got=dtype)


def variable(student, initial):
    """A new graph with one variable, and a session of it."""
    g = student.Graph()
    with g.as_default():
        v = student.Variable(initial)
    return g, v, student.Session(g)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "v, w, session = Variable([1, 2]), Variable(np.ones(2, dtype='float32')), Session()\n"
    "session.run([v.initializer, w.initializer])\n"
    "before = session.run(v)\n"
    "session.run(assign(v, np.array([5.0, 6.0])))\n"
    "[before[0], str(before.dtype), str(session.run(w).dtype), session.run(v)[0], session.run(2.0 * v)[1]]",
    gives=[1.0, "float64", "float64", 5.0, 12.0],
)
def test_values_persist(student, rng):
    """A variable begins with a number, a list or an array as float64, and keeps its value from run to run.

    Hint: np.array(…, dtype=np.float64), for the initial value and for what is assigned. The session owns the values; a
    run must not throw them away.
    """
    a, b = rng.normal(size=(2, 2, 3)).astype(np.float32).astype(np.float64)  # float32 holds them as they are
    g, v, session = variable(student, a.astype(np.float32))
    with g.as_default():
        x = student.placeholder()
        y = v * x
        store = student.assign(v, student.run(single, student.Operation, x))
    session.run(v.initializer)
    check(student.run(times_listed, g, v) == 1, "a variable must stand in graph.operations once, as every node does")
    got = session.run(v)
    assert_close(got, a, what="the variable after its initializer")
    check_float64(got, "a variable that begins with an array of float32")
    assert_close(session.run(y, {x: 2.0}), 2 * a, what="a node made from the variable")
    assert_close(session.run(v), a, what="the variable some runs later")
    session.run(store, {x: b})
    assert_close(session.run(y, {x: 3.0}), 3 * b, what="a node made from the variable, after an assignment")
    got = session.run(v)
    assert_close(got, b, what="the variable after an assignment")
    check_float64(got, "a variable to which a node that gives float32 was assigned")
    tools = student.Session, student.Variable, student.placeholder, student.assign
    begun, kept, put = value(student.run(arrays_changed_later, student.Graph(), *tools, a, b))
    assert_close(begun, a, what="a variable that begins with an array which was changed before the initializer ran")
    assert_close(kept, b, what="a variable, after the array that was fed and assigned to it has changed")
    assert_close(put, b, what="a variable to which an array was assigned that had changed since the node was made")
    whole = rng.integers(1, 9, size=(2, 3)).tolist()
    _, v, session = variable(student, whole)
    session.run(v.initializer)
    got = session.run(v)
    assert_close(got, whole, what="a variable that begins with a list of integers")
    check_float64(got, "a variable that begins with a list of integers")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "v, one, two = Variable(1.0), Session(), Session()\n"
    "for session in (one, two):\n"
    "    session.run(v.initializer)\n"
    "one.run(assign(v, 5.0))\n"
    "in_two = two.run(v)\n"
    "two.close()\n"
    "[one.run(v), in_two]",
    gives=[5.0, 1.0],
)
def test_sessions_are_separate(student, rng):
    """Two sessions on one graph each have their own values, and closing one leaves the other's alone.

    Hint: keep the values in the session, not in the node.
    """
    a, b = rng.normal(size=2)
    g, v, first = variable(student, a)
    second = student.Session(g)
    with g.as_default():
        x = student.placeholder()
        store = student.assign(v, x)
    for session in (first, second):
        session.run(v.initializer)
    first.run(store, {x: b})
    assert_close(first.run(v), b, what="the variable in the session that assigned it")
    assert_close(second.run(v), a, what="the variable in the other session")
    second.run(store, {x: 3.0})
    assert_close(first.run(v), b, what="the variable in the first session, after the second has assigned")
    second.close()
    assert_close(first.run(v), b, what="the variable in the first session, after the second has been closed")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "v = Variable(1.0)\n"
    "Session().run(v.initializer)\n"
    "try:\n"
    "    got = Session().run(v)  # another session\n"
    "except (KeyError, ValueError, RuntimeError):\n"
    "    got = 'an error'\n"
    "got",
    gives="an error",
)
def test_uninitialised(student, rng):
    """A variable without a value in this session is an error, even if it has one elsewhere, or another one has.

    Hint: RuntimeError, ValueError or KeyError; the initial value counts only once the initializer has run.
    """
    a = float(rng.normal())
    g, v, session = variable(student, a)
    with g.as_default():
        other = student.Variable(a)
    with raises(*UNINITIALISED):
        session.run(v)
    session.run(v.initializer)
    for place, node in ((student.Session(g), v), (session, other)):
        with raises(*UNINITIALISED):
            place.run(node)
    assert_close(session.run(v), a, what="the variable where it has been initialised")
    found = student.run(found_after_close, student.Session, g, v, 30)
    check(value(found) is False, "a new session must not find the value of one that was closed")
    left = value(student.run(values_after_close, session))
    check(left == 0, "the values of variables must be gone when their session is closed", got=left)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with Graph().as_default():\n"
    "    v, w, session = Variable(1.0), Variable([2.0, 3.0]), Session()\n"
    "session.run([v.initializer, w.initializer])\n"
    "store = assign(v, 5.0)\n"
    "[session.run(v), session.run(store), session.run(v), session.run(assign(w, [6.0, 7.0]))[1]]",
    gives=[1.0, 5.0, 5.0, 7.0],
)
def test_assign_works_when_it_runs(student, rng):
    """Making an assign node changes no value, and fails after finalize; running it sets and returns the new value.

    Hint: write in compute. A number must become a node of the variable's graph, also outside of its as_default block.
    Operation.__init__ looks whether the graph is finalized.
    """
    a, b = rng.normal(size=2)
    g, v, session = variable(student, a)
    session.run(v.initializer)
    store = student.assign(v, float(b))
    assert_close(session.run(v), a, what="the variable before the assign node has run")
    assert_close(session.run(store), b, what="the value of the assign node")
    assert_close(session.run(v), b, what="the variable after it has run")
    g.finalize()
    with raises("RuntimeError"):
        student.assign(v, v)
    session.run(v.initializer)
    assert_close(session.run(v), a, what="the variable after its initializer has run in a finalized graph")
    _, w, session = variable(student, rng.normal(size=3))
    c = rng.integers(1, 9, size=3)
    assert_close(session.run(student.assign(w, c.tolist())), c, what="the value of an assign node made with a list")
    got = session.run(w)
    assert_close(got, c, what="the variable to which a list was assigned")
    check_float64(got, "a variable to which a list of integers was assigned")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with Graph().as_default() as g:\n"
    "    v, session = Variable(0.0), Session()\n"
    "    step = assign(v, 2.0 * v + 1.0)\n"
    "session.run(v.initializer)\n"
    "size = len(g.operations)\n"
    "for _ in range(3):\n"
    "    session.run(step)\n"
    "[session.run(v), len(g.operations) - size]",
    gives=[7.0, 0],
)
def test_counting(student, rng):
    """A new value made from the variable sees the old one, in every run anew, and no run adds a node.

    Hint: the variable is read before it is written, because the new value is the assign node's input. A run reads it
    once, and an assignment puts a new array in the place of the old one, which other nodes may still need.
    """
    start, by = rng.integers(1, 9, size=2)
    g, v, session = variable(student, float(start))
    step = student.assign(v, v * 2.0 + float(by))
    session.run(v.initializer)
    added = student.run(grown, g, session, step, 4)
    check(value(added) == 0, "running may not add nodes to the graph", got=added)
    reached, triple = start * 16.0 + by * 15.0, v * 3.0
    assert_close(session.run(v), reached, what="the variable after four times v <- 2 v + c")
    got = session.run([step, triple, v])
    assert_close(got[1], 3 * reached, what="3 v in a run that assigns 2 v + c: both are made from the same v")
    assert_close(got[2], reached, what="v, fetched in a run that assigns 2 v + c: the value that was read for it")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with Graph().as_default():\n"
    "    v, w, session = Variable(1.0), Variable(2.0), Session()\n"
    "    init, store, late = global_variables_initializer(), assign(v, 5.0), Variable(3.0)\n"
    "for node in (init, store, assign(late, 7.0), init):\n"
    "    session.run(node)\n"
    "[session.run(v), session.run(w), session.run(late)]",
    gives=[1.0, 2.0, 7.0],
)
def test_initializers(student, rng):
    """global_variables_initializer sets the variables made before it, an initializer its own; again, it sets them back.

    Hint: look for the variables in the default graph's operations, when it is called and not when it runs.
    """
    a, b, c = rng.normal(size=(3, 2))
    with student.Graph().as_default():
        student.Variable(c)
    g, v, session = variable(student, a)
    with g.as_default():
        w = student.Variable(b)
        both = student.global_variables_initializer()
        store = [student.assign(v, c), student.assign(w, c)]
    session.run(both)
    assert_close(session.run(v), a, what="the first variable, initialised")
    assert_close(session.run(w), b, what="the second variable, initialised")
    session.run(store)
    session.run(v.initializer)
    assert_close(session.run(v), a, what="the first variable, set back by its own initializer")
    assert_close(session.run(w), c, what="the second variable, which the first one's initializer does not concern")
    session.run(both)
    assert_close(session.run(w), b, what="the second variable, set back by the initializer of all")
    with g.as_default():
        late = student.Variable(a)
        store = student.assign(late, c)
        every = student.global_variables_initializer()
    session.run(store)
    session.run(both)
    assert_close(session.run(late), c, what="a variable that was made after the initializer of all")
    session.run(every)
    assert_close(session.run(late), a, what="the same variable, initialised by another one that was made after it")
    with student.Graph().as_default() as empty:
        student.Session(empty).run(student.global_variables_initializer())  # of no variables


@pytest.mark.points(0.5)
@pytest.mark.example(
    "v, session = Variable([[1.0, 2.0]]), Session()\nsession.run(v.initializer)\nsession.run(assign(v, [3.0, 4.0]))",
    raises="ValueError",
)
def test_shape_of_an_assignment(student, rng):
    """Assigning a value of another shape is a ValueError, and the variable keeps its value.

    Hint: compare the shapes before you store; numpy would broadcast. The variable has a shape before it has a value.
    """
    a = rng.normal(size=(2, 3))
    g, v, session = variable(student, a)
    with g.as_default():
        x = student.placeholder()
        store = student.assign(v, x)
    with raises("ValueError"):
        session.run(store, {x: rng.normal(size=3)})
    session.run(v.initializer)
    for wrong in (rng.normal(size=3), rng.normal(size=(2, 1)), 1.0, rng.normal(size=(3, 2)), rng.normal(size=6)):
        with raises("ValueError"):
            session.run(store, {x: wrong})
    assert_close(session.run(v), a, what="the variable after assignments that failed")
    session.run(store, {x: -a})
    assert_close(session.run(v), -a, what="the variable after one that fits")
    _, number, session = variable(student, 1.0)
    session.run(number.initializer)
    store = student.assign(number, np.array([2.0]))  # only the run raises
    with raises("ValueError"):
        session.run(store)
    assert_close(session.run(number), 1.0, what="a variable of shape () after an assignment of shape (1,)")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "v, session = Variable(1.0), Session()\n"
    "y = 2.0 * v\n"
    "session.run(v.initializer)\n"
    "[session.run(y, {v: 5.0}), session.run(y)]",
    gives=[10.0, 2.0],
)
def test_feeding_a_variable(student, rng):
    """A variable can be fed like any node: for that run only, whether it has been initialised or not.

    Hint: a feed is a value of the run; it does not belong into session.variables.
    """
    a, b = rng.normal(size=2)
    g, v, session = variable(student, a)
    with g.as_default():
        y, store, fails = v * 2.0, student.assign(v, v + 1.0), v * student.placeholder()
    assert_close(session.run(y, {v: b}), 2 * b, what="2 v with v fed and never initialised")
    with raises(*UNINITIALISED):
        session.run(y)
    session.run(v.initializer)
    assert_close(session.run(y, {v: b}), 2 * b, what="2 v with v fed")
    assert_close(session.run(y), 2 * a, what="2 v in the next run")
    with raises(*UNINITIALISED):
        session.run(fails, {v: b})
    assert_close(session.run(y), 2 * a, what="2 v after a run that failed, with v fed")
    session.run(store, {v: b})
    assert_close(session.run(y), 2 * (b + 1), what="2 v after a run that assigned v + 1, with v fed")
