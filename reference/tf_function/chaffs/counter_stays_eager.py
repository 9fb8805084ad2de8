"""The decorators are gone: everything is right, and nothing is a graph.

Caught by:
    test_counter.py::test_one_graph
"""

# %% solve_counter
class Counter(tf.Module):
    """Counts and adds up inside the graph."""

    def __init__(self):
        super().__init__()
        self.count = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.total = tf.Variable(0.0, trainable=False)

    def __call__(self, x):
        self.count.assign_add(1)
        self.total.assign_add(tf.reduce_sum(x))
        return self.total / tf.cast(self.count, tf.float32)

    def restart(self):
        before = self.total.read_value()
        self.count.assign(0)
        self.total.assign(0.0)
        return before
