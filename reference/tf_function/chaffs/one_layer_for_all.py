"""The variables are kept in the class, so that the second layer finds those of the first.

Caught by:
    test_lazy_dense.py::test_created_at_the_first_call
    test_lazy_dense.py::test_initial_values
    test_lazy_dense.py::test_eager_calls
    test_lazy_dense.py::test_created_once_in_graphs
    test_lazy_dense.py::test_layers_are_separate
"""

# %% solve_lazy_dense
class LazyDense(tf.Module):
    """A dense layer that creates its variables at the first call."""

    w = None
    b = None

    def __init__(self, units):
        super().__init__()
        self.units = units

    def __call__(self, x):
        if LazyDense.w is None:
            features = x.shape[-1]
            LazyDense.w = tf.Variable(tf.random.normal([features, self.units], stddev=features**-0.5))
            LazyDense.b = tf.Variable(tf.zeros([self.units]))
        return x @ self.w + self.b
