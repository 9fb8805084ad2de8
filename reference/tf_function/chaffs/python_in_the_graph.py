"""The graph is a single operation that calls back into Python, by py_function.

Caught by:
    test_as_graph.py::test_both_branches
    test_as_graph.py::test_no_python_in_the_graph
    test_as_graph.py::test_gradients
"""

# %% solve_as_graph
def as_graph(fn, **options):
    """Turn a Python function into a graph function."""

    def body(*args, **kwargs):
        inputs = [*args, *kwargs.values()]

        def compute(*tensors):
            return fn(*tensors[: len(args)], **dict(zip(kwargs, tensors[len(args) :])))

        return tf.py_function(compute, inputs, inputs[0].dtype)

    return tf.function(body, autograph=False, **options)
