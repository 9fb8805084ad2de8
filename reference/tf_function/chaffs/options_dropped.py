"""as_graph takes options and forgets them.

Caught by:
    test_as_graph.py::test_reduce_retracing
    test_as_graph.py::test_input_signature
"""

# %% solve_as_graph
def as_graph(fn, **options):
    """Turn a Python function into a graph function."""
    return tf.function(fn)
