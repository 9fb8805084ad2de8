"""What is assigned counts only until the run ends: each run begins with the initial values.

Caught by:
    test_variables.py::test_values_persist
    test_variables.py::test_sessions_are_separate
    test_variables.py::test_assign_works_when_it_runs
    test_variables.py::test_counting
    test_variables.py::test_initializers
    test_variables.py::test_shape_of_an_assignment
    test_minimize.py::test_a_step
    test_minimize.py::test_all_gradients_before_all_updates
    test_minimize.py::test_other_variables_stay
    test_minimize.py::test_regression
"""

# %% solve_run
class Session:
    """Runs a graph, and holds what outlives a single run."""

    def __init__(self, graph=None):
        self.graph = get_default_graph() if graph is None else graph
        self.variables = {}
        self.closed = False

    def run(self, fetches, feed_dict=None):
        """Compute the fetches."""
        if self.closed:
            raise RuntimeError("this session is closed")
        self.variables = {v: v.start for v in self.variables}
        values = {node: fed_value(node, value) for node, value in (feed_dict or {}).items()}
        wanted = []
        in_structure(fetches, wanted.append)
        for node in (*wanted, *values):
            if node.graph is not self.graph:
                raise ValueError(f"this {type(node).__name__} belongs to another graph than the session's")
        needed = ancestors(wanted, values)
        for node in self.graph.operations:
            if node in needed and node not in values:
                values[node] = node.compute(self, *(values[x] for x in node.inputs))
        return in_structure(fetches, values.get)


# Three parts of run, as a proposal: only run is tested.


def ancestors(nodes, known=()):
    """The set of these nodes and of all that they need; a node in `known` needs nothing."""
    needed, stack = set(), list(nodes)
    while stack:
        node = stack.pop()
        if node not in needed:
            needed.add(node)
            if node not in known:
                stack.extend(node.inputs)
    return needed


def fed_value(node, value):
    """A value that was fed, as a float64 array. ValueError if it does not fit the node's shape."""
    value, shape = np.array(value, dtype=np.float64), getattr(node, "shape", None)
    fits = shape is None or (
        len(shape) == value.ndim and all(n in (None, m) for n, m in zip(shape, value.shape, strict=True))
    )
    if not fits:
        raise ValueError(f"a value of shape {value.shape} does not fit a {type(node).__name__} of shape {shape}")
    return value


def in_structure(fetches, f):
    """The nested structure `fetches` again, with f(node) in place of each node."""
    if isinstance(fetches, dict):
        return {key: in_structure(fetch, f) for key, fetch in fetches.items()}
    if isinstance(fetches, list | tuple):
        return type(fetches)(in_structure(fetch, f) for fetch in fetches)
    return f(fetches)


# %% solve_variables
class Variable(Operation):
    """A node that keeps its value from run to run, in each session its own."""

    def __init__(self, initial_value):
        super().__init__()
        initial_value = np.array(initial_value, dtype=np.float64)
        self.shape = initial_value.shape
        self.start = initial_value
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
        if np.shape(value) != self.variable.shape:
            raise ValueError(f"a value of shape {np.shape(value)} for a variable of shape {self.variable.shape}")
        session.variables[self.variable] = np.array(value)
        return session.variables[self.variable]


def assign(variable, value):
    """A node that sets the variable, in the session that runs it, and whose value is the new value."""
    return Assign(variable, value)


def global_variables_initializer():
    """A node that runs the initializers of all variables which the default graph has at this moment."""
    return Group(*(node.initializer for node in get_default_graph().operations if isinstance(node, Variable)))
