"""A run pushes values forward, from feeds and leaves to whoever waits for them; one class for all leaves; a graph is its own block."""

# %% solve_graph
class Graph:
    def __init__(self):
        self.operations = []
        self.finalized = False

    def as_default(self):
        return self

    def __enter__(self):
        open_blocks.append(self)
        return self

    def __exit__(self, *error):
        open_blocks.pop()

    def finalize(self):
        self.finalized = True


open_blocks = [Graph()]


def get_default_graph():
    return open_blocks[-1]


class Operation:
    __array_ufunc__ = None

    def __init__(self, *inputs):
        nodes = [x for x in inputs if isinstance(x, Operation)]
        self.graph = nodes[0].graph if nodes else get_default_graph()
        if any(x.graph is not self.graph for x in nodes):
            raise ValueError("inputs of several graphs")
        if self.graph.finalized:
            raise RuntimeError("the graph is finalized")
        self.inputs = tuple(x if isinstance(x, Operation) else Leaf(self.graph, value=x) for x in inputs)
        self.graph.operations.append(self)


class Leaf(Operation):
    """A constant if it has a value, else a placeholder."""

    def __init__(self, graph, value=None, shape=None):
        if graph.finalized:
            raise RuntimeError("the graph is finalized")
        self.graph, self.inputs, self.shape = graph, (), shape
        self.value = None if value is None else np.array(value, dtype=np.float64)
        graph.operations.append(self)

    def compute(self, session):
        if self.value is None:
            raise RuntimeError("nothing was fed")
        return self.value.copy()


def constant(value):
    return Leaf(get_default_graph(), value=value)


def placeholder(shape=None):
    return Leaf(get_default_graph(), shape=shape)


# %% solve_run
class Session:
    def __init__(self, graph=None):
        self.graph = graph if graph is not None else get_default_graph()
        self.variables = {}
        self.closed = False

    def run(self, fetches, feed_dict=None):
        if self.closed:
            raise RuntimeError("this session has been closed")
        feed_dict = feed_dict or {}
        wanted = []
        result = in_structure(fetches, lambda node: wanted.append(node) or node)
        for node in [*wanted, *feed_dict]:
            if node.graph != self.graph:
                raise ValueError("not in this graph")
        users, missing, ready, rest, values = {}, {}, [], list(wanted), {}
        while rest:
            node = rest.pop()
            if node in missing:
                continue
            inputs = [] if node in feed_dict else node.inputs
            missing[node] = len(set(inputs))
            for x in set(inputs):
                users.setdefault(x, []).append(node)
                rest.append(x)
            if not inputs:
                ready.append(node)
        for node, value in feed_dict.items():
            values[node] = fed_value(node, value)
        while ready:
            node = ready.pop()
            if node not in feed_dict:
                values[node] = node.compute(self, *[values[x] for x in node.inputs])
            for user in users.get(node, ()):
                missing[user] -= 1
                if not missing[user]:
                    ready.append(user)
        return in_structure(result, lambda node: values[node])


def ancestors(nodes, known=()):
    seen = {}
    rest = list(nodes)
    while rest:
        node = rest.pop()
        if node not in seen:
            seen[node] = True
            rest += [] if node in known else node.inputs
    return set(seen)


def fed_value(node, value):
    value, shape = np.array(value, dtype=np.float64), getattr(node, "shape", None)
    if shape is not None:
        if len(shape) != len(value.shape):
            raise ValueError("another number of axes")
        if [m for n, m in zip(shape, value.shape) if n is not None and n != m]:
            raise ValueError("another length")
    return value


def in_structure(fetches, f):
    if isinstance(fetches, dict):
        return {key: in_structure(part, f) for key, part in fetches.items()}
    if isinstance(fetches, (list, tuple)):
        return type(fetches)([in_structure(part, f) for part in fetches])
    return f(fetches)


# %% solve_compile
def compile(output):
    """The function opens a session of its own in every call."""
    needed = ancestors([output])
    arguments = [node for node in output.graph.operations if node in needed and isinstance(node, Leaf) and node.value is None]

    def function(*values):
        if len(values) != len(arguments):
            raise TypeError(f"{len(arguments)} arguments")
        return Session(output.graph).run(output, dict(zip(arguments, values)))

    return function
