"""Hidden tests of task 3: the life of a session."""

import pytest

from autograder.graders.session_graphs.probes import leave_by_exception, opened_without_a_name, run_in_its_block
from autograder.grading import assert_close, check, raises, same, value


def double(student):
    """A graph of two nodes, x and 2 x."""
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
        y = x * 2.0
    return g, x, y


def is_default(student, session):
    """Whether this is the default session now; None for there is none."""
    now = student.get_default_session()
    return now is None if session is None else same(now, session)


def defaults(student):
    """The default session and the default graph of now."""
    return student.get_default_session(), student.get_default_graph()


def check_defaults(student, before, when):
    """Check that both defaults are what they were."""
    session, graph = before
    check(is_default(student, session), f"after {when} the default session must be the one from before")
    check(same(student.get_default_graph(), graph), f"after {when} the default graph must be the one from before")


@pytest.mark.points(0.5)
@pytest.mark.example("x, session = constant(1.0), Session()\nsession.close()\nsession.run(x)", raises="RuntimeError")
def test_run_after_close(student, rng):
    """A closed session runs nothing any more: RuntimeError, also where nothing need be computed, and in its block.

    Hint: close sets self.closed; run looks at it first. Nothing sets it back, the beginning of a `with` block neither.
    """
    a, before = float(rng.normal()), defaults(student)
    g, x, y = double(student)
    session = student.Session(g)
    assert_close(session.run(y, {x: a}), 2 * a, what="2 x before close")
    check(value(session.closed) is False, "closed must be False before close", got=session.closed)
    session.close()
    check(value(session.closed) is True, "closed must be True after close", got=session.closed)
    for fetch in (y, x):
        with raises("RuntimeError"):
            session.run(fetch, {x: a})
    with raises("RuntimeError", "ValueError"):
        student.run(run_in_its_block, session, y, x, a)
    check_defaults(student, before, "the block of a closed session, which may be refused,")


@pytest.mark.points(0.5)
@pytest.mark.example("session = Session()\nsession.close()\nsession.close()\nsession.closed", gives=True)
def test_close_twice(student, rng):
    """Closing a session that is closed already does nothing, also at the end of its block, and harms no other session.

    Hint: closing is a statement about the end, not a step that needs a beginning. The end of the block gives the
    defaults back, whether the session is closed or not; until then it is that of the innermost block.
    """
    a, before = float(rng.normal()), defaults(student)
    g, x, y = double(student)
    session, other = student.Session(g), student.Session(g)
    session.close()
    session.close()
    check(value(session.closed) is True, "closed must be True after closing twice", got=session.closed)
    with student.Session(g) as outside:
        with student.Session(student.Graph()) as inside:
            inside.close()
            check(is_default(student, inside), "to the end of its block a session must be the default, closed or not")
            with raises("RuntimeError", "ValueError"):
                y.eval({x: a})
        check_defaults(student, (outside, g), "an inner block in which its session was closed")
    check_defaults(student, before, "a block in which another one's session was closed")
    interactive = student.InteractiveSession(g)
    interactive.close()
    interactive.close()
    with student.InteractiveSession(g) as inside:
        inside.close()
    check_defaults(student, before, "a block in which its interactive session was closed")
    assert_close(other.run(y, {x: a}), 2 * a, what="2 x in another session of the graph")


@pytest.mark.points(1)
@pytest.mark.example(
    "session, caught = Session(), False\n"
    "try:\n"
    "    with session:\n"
    "        raise KeyError\n"
    "except KeyError:\n"
    "    caught = True\n"
    "[caught, session.closed]",
    gives=[True, True],
)
def test_with_closes(student, rng):
    """`with session:` closes the session at the end of the block, also after an exception, which reaches the caller.

    Hint: __exit__ is called in both cases; what it returns must not be true.
    """
    a = float(rng.normal())
    g, x, y = double(student)
    with student.Session(g) as session:
        assert_close(session.run(y, {x: a}), 2 * a, what="2 x inside the block")
    with raises("RuntimeError"):
        session.run(y, {x: a})
    for stopped, what in ((False, "an exception"), (True, "a KeyboardInterrupt")):
        session = student.Session(g)
        came_out = value(student.run(leave_by_exception, session, stopped))
        check(came_out is True, f"{what} in the block must reach the caller")
        with raises("RuntimeError"):
            session.run(y, {x: a})


@pytest.mark.points(1)
@pytest.mark.example(
    "outer, before = Session(Graph()), get_default_session()\n"
    "with outer:\n"
    "    with Session(Graph()):\n"
    "        pass\n"
    "    inside = [get_default_session() is outer, get_default_graph() is outer.graph]\n"
    "[*inside, get_default_session() is before]",
    gives=[True, True, True],
)
def test_with_sets_both_defaults(student):
    """Inside the block the session and its graph are the defaults; afterwards, whatever happened, both are as before.

    Hint: __enter__ returns the session, puts it on the stack, and enters graph.as_default(); __exit__ undoes both.
    """
    before = defaults(student)
    g, h = double(student)[0], double(student)[0]
    outer, inner = student.Session(g), student.Session(h)
    with outer as entered:
        check(same(entered, outer), "`with session as s` must make s be the session")
        check(is_default(student, outer), "inside the block it must be the default session")
        check(same(student.placeholder().graph, g), "a node that is made inside must be in the session's graph")
        with inner:
            check(is_default(student, inner), "inside an inner block the inner session must be the default")
            check(same(student.get_default_graph(), h), "inside an inner block its graph must be the default graph")
        check(is_default(student, outer), "after the inner block the outer session must be the default again")
        for stopped, what in ((False, "an exception"), (True, "a KeyboardInterrupt")):
            student.run(leave_by_exception, student.Session(h), stopped)
            check(is_default(student, outer), f"after an inner block with {what}, too")
            check(same(student.get_default_graph(), g), "and the default graph must be the outer session's again")
        with h.as_default():
            with student.Session(g):
                pass
            check(same(student.get_default_graph(), h), "a graph that was the default before a block must be it again")
    check_defaults(student, before, "all blocks")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, closed = constant(1.0), Session()\nclosed.close()\nwith Session():\n    got = x.eval(session=closed)\ngot",
    raises="RuntimeError",
)
def test_eval(student, rng):
    """node.eval runs in the session that is given, else in the default session; if there is neither, it is an error.

    Hint: session.run(self, feed_dict), and ValueError or RuntimeError when there is no session. The default session is
    that of the innermost block, also if it is of another graph, which run refuses.
    """
    a = float(rng.normal())
    g, x, y = double(student)
    given = student.Session(g)
    with student.Session(g):
        for times in ("once", "twice"):
            assert_close(y.eval({x: a}, session=given), 2 * a, what=f"2 x, asked {times} in a session that is given")
            assert_close(y.eval(feed_dict={x: a}), 2 * a, what=f"2 x, asked {times} in the default session")
        with student.Session(student.Graph()), raises("ValueError"):
            y.eval({x: a})
        given.close()
        with raises("RuntimeError"):
            y.eval({x: a}, given)
    with raises("ValueError", "RuntimeError"):
        y.eval({x: a})


@pytest.mark.points(0.5)
@pytest.mark.example(
    "before = get_default_session()\n"
    "first, second = InteractiveSession(), InteractiveSession()\n"
    "first.close()\n"
    "then = get_default_session()\n"
    "with Session():\n"
    "    second.close()\n"
    "    third = InteractiveSession()\n"
    "third.close()\n"
    "[then is second, get_default_session() is before]",
    gives=[True, True],
)
def test_interactive_session(student, rng):
    """An InteractiveSession is a default session from when it is made until it is closed, be it the innermost or not.

    Hint: session_stack.remove(self), if it is there, and not pop(): neither here nor at the end of a `with` block. A
    block's beginning appends its session, also one that stands on the stack already.
    """
    a = float(rng.normal())
    g, x, y = double(student)
    before, graph_before = defaults(student)
    first = student.InteractiveSession(g)
    second = student.InteractiveSession(g)
    try:
        check(is_default(student, second), "the last one that was made must be the default session")
        assert_close(y.eval({x: a}), 2 * a, what="2 x in the interactive session")
        first.close()
        check(is_default(student, second), "closing the first one must leave the second one the default")
    finally:
        second.close()
    check(is_default(student, before), "after both are closed, the default session must be the one from before")
    with raises("RuntimeError"):
        second.run(y, {x: a})
    with g.as_default():
        early = student.InteractiveSession()
    check(same(early.graph, g), "one that is made without a graph must take the default graph")
    h = student.Graph()
    with student.Session(h) as block:
        check(is_default(student, block), "in a `with` block that began later its session must be the default")
        early.close()
        stayed = same(student.get_default_graph(), h)
        check(stayed, "closing an interactive session must leave the block's graph the default graph")
    check(is_default(student, before), "one that was closed in a `with` block must not come back at the block's end")
    with student.Session(g) as block:
        late = student.InteractiveSession(g)
        check(is_default(student, late), "one that is made in a `with` block must be the default session at once")
    check(is_default(student, late), "the end of a `with` block must take off its own session, not a later one")
    late.close()
    check(is_default(student, before), "after all are closed, the default session must be the one from before")
    opened = value(student.run(opened_without_a_name, student.InteractiveSession, g, student.get_default_session))
    check(opened is True, "one that has no name must be the default session, too, until it is closed")
    with student.InteractiveSession(g):
        pass
    check(is_default(student, before), "one that its own `with` block has closed must not be the default any more")
    late = student.InteractiveSession(g)
    with student.Session(g) as block:
        with late:
            inside = is_default(student, late)
            check(inside, "in a `with` block of its own it must be the default, not an outer block's")
        check(is_default(student, block), "after a `with` block of its own the outer block's must be the default again")
    check(is_default(student, before), "one that its own `with` block has closed must not be the default any more")
    check(same(student.get_default_graph(), graph_before), "after all the default graph must be the one from before")
