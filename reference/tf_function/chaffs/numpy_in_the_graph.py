"""The graph is a single operation that calls NumPy: no gradient comes through it, and nobody else can run it.

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

        def compute(*values):
            tensors = [tf.constant(value) for value in values]
            return fn(*tensors[: len(args)], **dict(zip(kwargs, tensors[len(args) :]))).numpy()

        result = tf.numpy_function(compute, inputs, inputs[0].dtype)
        result.set_shape(inputs[0].shape)
        return result

    return tf.function(body, autograph=False, **options)
