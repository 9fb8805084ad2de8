"""Values are pulled through the graph and kept on the nodes, stamped with the run; variables keep theirs by session."""

# %% solve_graph
import weakref


class Block:
    """The as_default block as a class."""

    def __init__(self, graph):
        self.graph = graph

    def __enter__(self):
        self.before = Graph.current
        Graph.current = self.graph
        return self.graph

    def __exit__(self, *error):
        Graph.current = self.before
        return False


class Graph:
    """A list of nodes."""

    current = None

    def __init__(self):
        self.operations = []
        self.finalized = False

    def as_default(self):
        return Block(self)

    def finalize(self):
        self.finalized = True


Graph.current = Graph()


def get_default_graph():
    return Graph.current


class Operation:
    """A node that has room for its last value."""

    __array_ufunc__ = None

    def __init__(self, *inputs):
        graph = get_default_graph()
        for x in inputs:
            if isinstance(x, Operation):
                graph = x.graph
                break
        for x in inputs:
            if isinstance(x, Operation) and x.graph is not graph:
                raise ValueError("two graphs")
        if graph.finalized:
            raise RuntimeError("finalized")
        with graph.as_default():
            self.inputs = tuple([x if isinstance(x, Operation) else constant(x) for x in inputs])
        self.graph = graph
        self.stamp = self.value = None
        graph.operations.append(self)

    def compute(self, session, *values):
        raise NotImplementedError


def constant(value):
    array = np.array(value, dtype=np.float64)

    class Constant(Operation):
        def compute(self, session):
            return array.copy()

    return Constant()


class Placeholder(Operation):
    def compute(self, session):
        raise KeyError("a placeholder has no value")


def placeholder(shape=None):
    node = Placeholder()
    node.shape = shape
    return node


# %% solve_run
class Session:
    """Pulls the values of the fetches."""

    def __init__(self, graph=None):
        self.graph = get_default_graph() if graph is None else graph
        self.closed = False

    def run(self, fetches, feed_dict=None):
        if self.closed:
            raise RuntimeError("the session is closed")
        stamp = object()
        for node, value in (feed_dict or {}).items():
            if node.graph is not self.graph:
                raise ValueError("a node of another graph was fed")
            node.stamp, node.value = stamp, fed_value(node, value)

        def pull(fetch):
            if isinstance(fetch, dict):
                return dict(zip(fetch, map(pull, fetch.values())))
            if isinstance(fetch, (list, tuple)):
                return type(fetch)(map(pull, fetch))
            if fetch.graph is not self.graph:
                raise ValueError("a node of another graph was fetched")
            stack = [fetch]
            while stack:
                node = stack[-1]
                waiting = [x for x in node.inputs if x.stamp is not stamp] if node.stamp is not stamp else []
                if waiting:
                    stack.extend(waiting)
                    continue
                stack.pop()
                if node.stamp is not stamp:
                    node.value = node.compute(self, *(x.value for x in node.inputs))
                    node.stamp = stamp
            return fetch.value

        return pull(fetches)


def fed_value(node, value):
    value = np.array(value, dtype=np.float64)
    shape = getattr(node, "shape", None)
    if shape is not None:
        wanted = tuple(got if n is None else n for n, got in zip(shape, value.shape))
        if len(shape) != value.ndim or wanted != value.shape:
            raise ValueError(f"shape {value.shape} instead of {shape}")
    return value


def ancestors(nodes):
    found, rest = set(nodes), list(nodes)
    for node in rest:
        new = [x for x in node.inputs if x not in found]
        found.update(new)
        rest.extend(dict.fromkeys(new))
    return found


# %% solve_session
class Defaults:
    sessions = []


def get_default_session():
    return Defaults.sessions[-1] if Defaults.sessions else None


def close(self):
    self.closed = True


def enter(self):
    self.defaults = self.graph.as_default()
    self.defaults.__enter__()
    Defaults.sessions = [*Defaults.sessions, self]
    return self


def leave(self, kind, error, trace):
    try:
        Defaults.sessions = [s for s in Defaults.sessions if s is not self]
        self.defaults.__exit__(kind, error, trace)
    finally:
        self.close()


def evaluate(self, feed_dict=None, session=None):
    if session is None:
        session = get_default_session()
    if session is None:
        raise RuntimeError("no session")
    return session.run(self, feed_dict=feed_dict)


Session.close = close
Session.__enter__ = enter
Session.__exit__ = leave
Operation.eval = evaluate


class InteractiveSession(Session):
    def __init__(self, graph=None):
        Session.__init__(self, graph)
        Defaults.sessions = [*Defaults.sessions, self]

    def close(self):
        Defaults.sessions = [s for s in Defaults.sessions if s is not self]
        Session.close(self)


# %% solve_variables
class Variable(Operation):
    """A variable that keeps one value for each living session."""

    def __init__(self, initial_value):
        Operation.__init__(self)
        initial_value = np.array(initial_value, dtype=np.float64)
        self.shape = initial_value.shape
        self.by_session = weakref.WeakKeyDictionary()
        self.initializer = assign(self, initial_value)

    def compute(self, session):
        return self.by_session[session]


def assign(variable, value):
    class Assign(Operation):
        def compute(self, session, new):
            if np.shape(new) != variable.shape:
                raise ValueError("wrong shape")
            variable.by_session[session] = np.array(new, dtype=np.float64)
            return new

    with variable.graph.as_default():
        return Assign(value)


def global_variables_initializer():
    return Group(*[v.initializer for v in get_default_graph().operations if type(v) is Variable])
