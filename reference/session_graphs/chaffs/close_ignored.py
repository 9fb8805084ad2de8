"""close does nothing.

Caught by:
    test_session.py::test_run_after_close
    test_session.py::test_with_closes
    test_session.py::test_eval
    test_session.py::test_interactive_session
"""

# %% solve_session
session_stack = []  # for the default sessions, the innermost last; use it or not


def get_default_session():
    """The session of the innermost `with session:` block or open InteractiveSession; None if there is none."""
    return session_stack[-1] if session_stack else None


def close(self):
    """End the session: its variables are gone, and run raises RuntimeError from now on. Closing twice is fine."""
    pass


def enter(self):
    """Begin of `with session:`. The session becomes the default session, its graph the default graph. Returns the session."""
    session_stack.append(self)
    self.block = self.graph.as_default()
    self.block.__enter__()
    return self


def leave(self, *error):
    """End of the block, also by an exception, which goes on to the caller: both defaults are what they were, the session is closed."""
    self.block.__exit__(None, None, None)
    session_stack.remove(self)
    self.close()


def evaluate(self, feed_dict=None, session=None):
    """`node.eval(...)`: the value of this node, run in `session`, or in the default session if none is given."""
    session = session or get_default_session()
    if session is None:
        raise ValueError("eval needs a session: there is no default session, and none was given")
    return session.run(self, feed_dict)


Session.close, Session.__enter__, Session.__exit__, Operation.eval = close, enter, leave, evaluate


class InteractiveSession(Session):
    """A session that becomes the default session when it is made, and stops being one when it is closed."""

    def __init__(self, graph=None):
        super().__init__(graph)
        session_stack.append(self)

    def close(self):
        if self in session_stack:
            session_stack.remove(self)
        super().close()
