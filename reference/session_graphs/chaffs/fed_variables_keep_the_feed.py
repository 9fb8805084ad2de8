"""What is fed to a variable is stored in it.

Caught by:
    test_variables.py::test_feeding_a_variable
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
            if hasattr(node, "initializer"):
                self.variables[node] = value
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
