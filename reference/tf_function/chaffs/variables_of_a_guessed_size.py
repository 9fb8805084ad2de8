"""The variables are created with the object, for three features.

Caught by:
    test_lazy_dense.py::test_created_at_the_first_call
    test_lazy_dense.py::test_initial_values
    test_lazy_dense.py::test_layers_are_separate
"""

# %% solve_lazy_dense
class LazyDense(tf.Module):
    """A dense layer that creates its variables at the first call."""

    def __init__(self, units):
        super().__init__()
        self.w = tf.Variable(tf.random.normal([3, units], stddev=3**-0.5))
        self.b = tf.Variable(tf.zeros([units]))

    def __call__(self, x):
        return x @ self.w + self.b
