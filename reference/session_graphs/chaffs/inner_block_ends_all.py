"""The end of any as_default block brings back the first default graph, not that of the outer block.

Caught by:
    test_graph.py::test_default_graph_follows_the_blocks
    test_graph.py::test_default_graph_is_restored_after_an_exception
    test_graph.py::test_nothing_is_computed
    test_graph.py::test_finalized_graph_does_not_grow
    test_run.py::test_values_follow_the_graph
    test_run.py::test_graph_of_the_moment
    test_run.py::test_unneeded_placeholders_need_no_feed
    test_run.py::test_missing_feed
    test_run.py::test_any_node_can_be_fed
    test_run.py::test_shape_of_a_feed
    test_session.py::test_with_sets_both_defaults
    test_variables.py::test_initializers
    test_gradients.py::test_rules
    test_gradients.py::test_broadcasting
    test_gradients.py::test_paths_add_up
    test_gradients.py::test_without_a_path
    test_minimize.py::test_a_step
    test_minimize.py::test_all_gradients_before_all_updates
    test_minimize.py::test_other_variables_stay
    test_minimize.py::test_training_adds_nothing_to_the_graph
    test_minimize.py::test_regression
    test_compile.py::test_order_of_the_arguments
    test_compile.py::test_only_needed_arguments
    test_compile.py::test_wrong_arguments
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
        if not graph_stack:
            graph_stack.append(Graph())
        graph_stack.append(self)
        try:
            yield self
        finally:
            del graph_stack[1:]

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
        raise ValueError("a placeholder that is needed was not fed")


def constant(value):
    """A new node with the value of a number, list or array."""
    return Constant(value)


def placeholder(shape=None):
    """A new node that is fed. shape: a tuple of int, None for a length that may vary; None alone for any shape."""
    return Placeholder(shape)
