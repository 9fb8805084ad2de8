"""AutoGraph is switched off, so that an if on a tensor cannot be traced.

Caught by:
    test_as_graph.py::test_both_branches
"""

# %% solve_as_graph
def as_graph(fn, **options):
    """Turn a Python function into a graph function."""
    return tf.function(fn, autograph=False, **options)
