"""The graph calls back into Python to count: it works as long as this Python is there.

Caught by:
    test_counter.py::test_the_graph_counts_by_itself
"""

# %% solve_counter
class Counter(tf.Module):
    """Counts and adds up inside the graph."""

    def __init__(self):
        super().__init__()
        self.count = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.total = tf.Variable(0.0, trainable=False)

    def _note(self, x):
        self.count.assign_add(1)
        self.total.assign_add(tf.reduce_sum(x))
        return self.total / tf.cast(self.count, tf.float32)

    @tf.function
    def __call__(self, x):
        return tf.py_function(self._note, [x], tf.float32)

    @tf.function
    def restart(self):
        before = self.total.read_value()
        self.count.assign(0)
        self.total.assign(0.0)
        return before
