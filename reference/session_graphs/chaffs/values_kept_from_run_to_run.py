"""Values of nodes are kept on the nodes, and only feeds are set anew.

Caught by:
    test_run.py::test_values_follow_the_graph
    test_run.py::test_each_node_once
    test_run.py::test_nothing_is_left_from_the_last_run
    test_run.py::test_any_node_can_be_fed
    test_run.py::test_shape_of_a_feed
    test_variables.py::test_values_persist
    test_variables.py::test_sessions_are_separate
    test_variables.py::test_assign_works_when_it_runs
    test_variables.py::test_counting
    test_variables.py::test_initializers
    test_variables.py::test_shape_of_an_assignment
    test_variables.py::test_feeding_a_variable
    test_gradients.py::test_gradients_are_part_of_the_graph
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
        values = {node: fed_value(node, value) for node, value in (feed_dict or {}).items()}
        wanted = []
        in_structure(fetches, wanted.append)
        for node in (*wanted, *values):
            if node.graph is not self.graph:
                raise ValueError(f"this {type(node).__name__} belongs to another graph than the session's")
        for node, value in values.items():
            node.value_of_run = value
        needed = ancestors(wanted, values)
        for node in self.graph.operations:
            if node in needed and not hasattr(node, "value_of_run"):
                node.value_of_run = node.compute(self, *(x.value_of_run for x in node.inputs))
        return in_structure(fetches, lambda node: node.value_of_run)


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
