"""The variables belong to the class: all counters count together.

Caught by:
    test_counter.py::test_mean_includes_this_call
    test_counter.py::test_restart
    test_counter.py::test_counters_are_separate
    test_counter.py::test_the_graph_counts_by_itself
"""

# %% solve_counter
class Counter(tf.Module):
    """Counts and adds up inside the graph."""

    count = tf.Variable(0, dtype=tf.int64, trainable=False)
    total = tf.Variable(0.0, trainable=False)

    @tf.function
    def __call__(self, x):
        self.count.assign_add(1)
        self.total.assign_add(tf.reduce_sum(x))
        return self.total / tf.cast(self.count, tf.float32)

    @tf.function
    def restart(self):
        before = self.total.read_value()
        self.count.assign(0)
        self.total.assign(0.0)
        return before
