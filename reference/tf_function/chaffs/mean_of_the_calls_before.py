"""The mean is taken before this call is counted.

Caught by:
    test_counter.py::test_mean_includes_this_call
    test_counter.py::test_counters_are_separate
    test_counter.py::test_the_graph_counts_by_itself
"""

# %% solve_counter
class Counter(tf.Module):
    """Counts and adds up inside the graph."""

    def __init__(self):
        super().__init__()
        self.count = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.total = tf.Variable(0.0, trainable=False)

    @tf.function
    def __call__(self, x):
        mean = tf.math.divide_no_nan(self.total, tf.cast(self.count, tf.float32))
        self.count.assign_add(1)
        self.total.assign_add(tf.reduce_sum(x))
        return mean

    @tf.function
    def restart(self):
        before = self.total.read_value()
        self.count.assign(0)
        self.total.assign(0.0)
        return before
