"""w begins with zeros.

Caught by:
    test_lazy_dense.py::test_initial_values
"""

# %% solve_lazy_dense
class LazyDense(tf.Module):
    """A dense layer that creates its variables at the first call."""

    def __init__(self, units):
        super().__init__()
        self.units = units
        self.w = None
        self.b = None

    def __call__(self, x):
        if self.w is None:
            self.w = tf.Variable(tf.zeros([x.shape[-1], self.units]))
            self.b = tf.Variable(tf.zeros([self.units]))
        return x @ self.w + self.b
