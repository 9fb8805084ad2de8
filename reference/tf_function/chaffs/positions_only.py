"""The wrapper takes arguments by position only.

Caught by:
    test_as_graph.py::test_keywords
"""

# %% solve_as_graph
def as_graph(fn, **options):
    """Turn a Python function into a graph function."""

    @tf.function(**options)
    def graph(*args):
        return fn(*args)

    return graph
