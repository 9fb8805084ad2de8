"""A variable takes the shape of whatever is assigned.

Caught by:
    test_variables.py::test_shape_of_an_assignment
"""

# %% solve_variables
class Variable(Operation):
    """A node that keeps its value from run to run, in each session its own."""

    def __init__(self, initial_value):
        super().__init__()
        initial_value = np.array(initial_value, dtype=np.float64)
        self.shape = initial_value.shape
        self.initializer = assign(self, initial_value)

    def compute(self, session):
        if self not in session.variables:
            raise RuntimeError("the variable has no value in this session: run its initializer first")
        return session.variables[self]


class Assign(Operation):
    """The node behind assign. This class is a proposal."""

    def __init__(self, variable, value):
        with variable.graph.as_default():
            super().__init__(value)
        self.variable = variable

    def compute(self, session, value):
        session.variables[self.variable] = np.array(value)
        return session.variables[self.variable]


def assign(variable, value):
    """A node that sets the variable, in the session that runs it, and whose value is the new value."""
    return Assign(variable, value)


def global_variables_initializer():
    """A node that runs the initializers of all variables which the default graph has at this moment."""
    return Group(*(node.initializer for node in get_default_graph().operations if isinstance(node, Variable)))
