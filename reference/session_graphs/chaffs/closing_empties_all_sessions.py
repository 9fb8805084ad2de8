"""The values are kept by session on the nodes, and close throws away those of all sessions.

Caught by:
    test_variables.py::test_sessions_are_separate
"""

# %% solve_session
session_stack = []  # for the default sessions, the innermost last; use it or not


def get_default_session():
    """The session of the innermost `with session:` block or open InteractiveSession; None if there is none."""
    return session_stack[-1] if session_stack else None


def close(self):
    """End the session: its variables are gone, and run raises RuntimeError from now on. Closing twice is fine."""
    self.closed = True
    for node in self.graph.operations:
        getattr(node, "values", {}).clear()


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


# %% solve_variables
class Variable(Operation):
    """A node that keeps its value from run to run, in each session its own."""

    def __init__(self, initial_value):
        super().__init__()
        initial_value = np.array(initial_value, dtype=np.float64)
        self.shape = initial_value.shape
        self.values = {}
        self.initializer = assign(self, initial_value)

    def compute(self, session):
        if session not in self.values:
            raise RuntimeError("the variable has no value in this session: run its initializer first")
        return self.values[session]


class Assign(Operation):
    """The node behind assign. This class is a proposal."""

    def __init__(self, variable, value):
        with variable.graph.as_default():
            super().__init__(value)
        self.variable = variable

    def compute(self, session, value):
        if np.shape(value) != self.variable.shape:
            raise ValueError(f"a value of shape {np.shape(value)} for a variable of shape {self.variable.shape}")
        self.variable.values[session] = np.array(value)
        return self.variable.values[session]


def assign(variable, value):
    """A node that sets the variable, in the session that runs it, and whose value is the new value."""
    return Assign(variable, value)


def global_variables_initializer():
    """A node that runs the initializers of all variables which the default graph has at this moment."""
    return Group(*(node.initializer for node in get_default_graph().operations if isinstance(node, Variable)))
