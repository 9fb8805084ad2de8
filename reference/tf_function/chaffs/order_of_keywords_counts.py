"""The signature has the keywords in the order in which they were written.

Caught by:
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
            return tf.as_dtype(value.dtype), tuple(value.shape)

        return tuple(map(counts, args)), tuple((name, counts(value)) for name, value in kwargs.items())

    def __call__(self, *args, **kwargs):
        key = self.signature(*args, **kwargs)
        if key not in self.graphs:
            self.graphs[key] = tf.function(self.fn)
        return self.graphs[key](*args, **kwargs)
