"""The wrapper cuts the gradient off.

Caught by:
    test_as_graph.py::test_gradients
"""

# %% solve_as_graph
def as_graph(fn, **options):
    """Turn a Python function into a graph function."""

    @tf.function(**options)
    def graph(*args, **kwargs):
        return tf.nest.map_structure(tf.stop_gradient, fn(*args, **kwargs))

    return graph
