"""A side-effect counter: Python numbers are changed in the body, which happens while tracing only.

Caught by:
    test_counter.py::test_every_call_counts
    test_counter.py::test_mean_includes_this_call
    test_counter.py::test_one_graph
    test_counter.py::test_counters_are_separate
    test_counter.py::test_the_graph_counts_by_itself
"""

# %% solve_counter
class Counter(tf.Module):
    """Counts and adds up inside the graph."""

    def __init__(self):
        super().__init__()
        self.count = 0
        self.total = tf.Variable(0.0, trainable=False)

    @tf.function
    def __call__(self, x):
        self.count += 1
        self.total.assign_add(tf.reduce_sum(x))
        return self.total / self.count

    @tf.function
    def restart(self):
        before = self.total.read_value()
        self.count = 0
        self.total.assign(0.0)
        return before
