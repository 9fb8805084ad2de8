"""as_graph gives a plain function that builds a tf.function whenever it is called.

Caught by:
    test_as_graph.py::test_one_graph_for_one_signature
    test_as_graph.py::test_keywords
    test_as_graph.py::test_both_branches
    test_as_graph.py::test_no_python_in_the_graph
    test_as_graph.py::test_reduce_retracing
    test_as_graph.py::test_input_signature
"""

# %% solve_as_graph
def as_graph(fn, **options):
    """Turn a Python function into a graph function."""

    def graph(*args, **kwargs):
        return tf.function(fn, **options)(*args, **kwargs)

    return graph
