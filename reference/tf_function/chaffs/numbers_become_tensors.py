"""Python numbers are made into tensors, so that all of them share one graph.

Caught by:
    test_graph_cache.py::test_python_numbers_by_value
    test_graph_cache.py::test_types_of_python_numbers
    test_graph_cache.py::test_keywords
    test_graph_cache.py::test_graphs_by_signature
"""

# %% solve_graph_cache
class GraphCache:
    """Calls fn through graphs, one for each signature."""

    def __init__(self, fn):
        self.fn = fn
        self.graphs = {}

    def signature(self, *args, **kwargs):
        def counts(value):
            value = tf.convert_to_tensor(value)
            return value.dtype, tuple(value.shape)

        return tuple(map(counts, args)), tuple((name, counts(kwargs[name])) for name in sorted(kwargs))

    def __call__(self, *args, **kwargs):
        key = self.signature(*args, **kwargs)
        args = [tf.convert_to_tensor(value) for value in args]
        kwargs = {name: tf.convert_to_tensor(kwargs[name]) for name in sorted(kwargs)}
        if key not in self.graphs:
            self.graphs[key] = tf.function(self.fn)
        return self.graphs[key](*args, **kwargs)
