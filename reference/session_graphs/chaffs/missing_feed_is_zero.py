"""A placeholder that was not fed counts as zero.

Caught by:
    test_run.py::test_missing_feed
    test_run.py::test_nothing_is_left_from_the_last_run
"""

# %% solve_graph
graph_stack = []  # for the graphs of the open as_default blocks, the innermost last; use it or not


class Graph:
    """A program that has been written down and not been run."""

    def __init__(self):
        self.operations = []
        self.finalized = False

    @contextmanager
    def as_default(self):
        """Context manager: inside the block this graph is the default graph. `with g.as_default() as h:` makes h be g."""
        graph_stack.append(self)
        try:
            yield self
        finally:
            graph_stack.pop()

    def finalize(self):
        """From now on no node can be added: `finalized` is True."""
        self.finalized = True


def get_default_graph():
    """The graph of the innermost `as_default` block. Outside of all blocks: one graph, always the same."""
    if not graph_stack:
        graph_stack.append(Graph())
    return graph_stack[-1]


class Operation:
    """One node: what is to be computed, and from which other nodes. Making it computes nothing."""

    __array_ufunc__ = None  # numpy must leave `array * node` to the node's __rmul__

    def __init__(self, *inputs):
        graphs = {id(x.graph): x.graph for x in inputs if isinstance(x, Operation)}
        if len(graphs) > 1:
            raise ValueError("the inputs of a node must belong to one graph")
        self.graph = next(iter(graphs.values()), None) or get_default_graph()
        if self.graph.finalized:
            raise RuntimeError("the graph is finalized: nothing can be added to it")
        with self.graph.as_default():
            self.inputs = tuple(x if isinstance(x, Operation) else constant(x) for x in inputs)
        self.graph.operations.append(self)

    def compute(self, session, *values):
        """Compute this node from the values of its inputs, one ndarray each."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it is computed")


class Constant(Operation):
    """A node with a fixed value, float64. This class and the next are a proposal: only the functions below are tested."""

    def __init__(self, value):
        super().__init__()
        self.value = np.array(value, dtype=np.float64)

    def compute(self, session):
        return self.value


class Placeholder(Operation):
    """A node whose value comes with every run. Computing it means that it was not fed: KeyError, ValueError or RuntimeError."""

    def __init__(self, shape=None):
        super().__init__()
        self.shape = shape

    def compute(self, session):
        return np.zeros([n or 1 for n in self.shape or ()])


def constant(value):
    """A new node with the value of a number, list or array."""
    return Constant(value)


def placeholder(shape=None):
    """A new node that is fed. shape: a tuple of int, None for a length that may vary; None alone for any shape."""
    return Placeholder(shape)
