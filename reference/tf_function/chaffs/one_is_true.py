"""A number goes into the signature without its type: 1, 1.0 and True share a graph.

Caught by:
    test_graph_cache.py::test_graphs_by_signature
    test_graph_cache.py::test_types_of_python_numbers
"""

# %% solve_graph_cache
class GraphCache:
    """Calls fn through graphs, one for each signature."""

    def __init__(self, fn):
        self.fn = fn
        self.graphs = {}

    def signature(self, *args, **kwargs):
        def counts(value):
            if isinstance(value, (bool, int, float)):
                return value
            return tf.as_dtype(value.dtype), tuple(value.shape)

        return tuple(map(counts, args)), tuple((name, counts(kwargs[name])) for name in sorted(kwargs))

    def __call__(self, *args, **kwargs):
        key = self.signature(*args, **kwargs)
        if key not in self.graphs:
            self.graphs[key] = tf.function(self.fn)
        return self.graphs[key](*args, **kwargs)
