"""An array and a tensor of the same dtype and shape have two signatures.

Caught by:
    test_graph_cache.py::test_arrays_share_graphs_with_tensors
    test_graph_cache.py::test_keywords
"""

# %% solve_graph_cache
class GraphCache:
    """Calls fn through graphs, one for each signature."""

    def __init__(self, fn):
        self.fn = fn
        self.graphs = {}

    def signature(self, *args, **kwargs):
        def counts(value):
            if type(value) in (bool, int, float):
                return type(value), value
            return str(value.dtype), tuple(value.shape)

        return tuple(map(counts, args)), tuple((name, counts(kwargs[name])) for name in sorted(kwargs))

    def __call__(self, *args, **kwargs):
        key = self.signature(*args, **kwargs)
        if key not in self.graphs:
            self.graphs[key] = tf.function(self.fn)
        return self.graphs[key](*args, **kwargs)
