"""Every call creates new variables.

Caught by:
    test_lazy_dense.py::test_eager_calls
    test_lazy_dense.py::test_created_once_in_graphs
    test_lazy_dense.py::test_gradients_reach_the_variables
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
        features = x.shape[-1]
        self.w = tf.Variable(tf.random.normal([features, self.units], stddev=features**-0.5))
        self.b = tf.Variable(tf.zeros([self.units]))
        return x @ self.w + self.b
