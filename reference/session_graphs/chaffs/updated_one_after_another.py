"""Variables are updated one after another, each with a gradient that sees the new values of those before.

Caught by:
    test_minimize.py::test_all_gradients_before_all_updates
    test_minimize.py::test_regression
"""

# %% solve_minimize
class GradientDescentOptimizer:
    """Plain gradient descent."""

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def minimize(self, loss, var_list=None):
        """A node; each run of it takes one step, v becomes v - learning_rate * gradient, for all variables at once."""
        if var_list is None:
            var_list = [node for node in loss.graph.operations if isinstance(node, Variable)]
        steps = []
        for v, g in zip(var_list, gradients(loss, var_list), strict=True):
            if g is not None:
                steps.append(assign(v, v - self.learning_rate * g))

        class OneAfterAnother(Operation):
            def compute(self, session):
                for step in steps:
                    session.run(step, session.feeds)

        with loss.graph.as_default():
            return OneAfterAnother()


def train_regression(x, t, learning_rate=0.1, steps=100):
    """Linear regression: prediction = x @ w + b, loss = mean((prediction - t) ** 2), from w = 0 and b = 0."""
    graph = Graph()
    with graph.as_default():
        inputs, targets = placeholder((None, x.shape[1])), placeholder((None, 1))
        w, b = Variable(np.zeros((x.shape[1], 1))), Variable(0.0)
        error = matmul(inputs, w) + b - targets
        loss = reduce_mean(error * error)
        train = GradientDescentOptimizer(learning_rate).minimize(loss)
        init = global_variables_initializer()
    graph.finalize()
    feed = {inputs: x, targets: t[:, None]}
    with Session(graph) as session:
        session.run(init)
        losses = [float(session.run([loss, train], feed)[0]) for _ in range(steps)]
        return graph, session.run(w)[:, 0], session.run(b), losses


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
        self.feeds = feed_dict
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
