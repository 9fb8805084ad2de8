"""Graphs are kept, but nobody looks whether one is there: each call records a new one.

Caught by:
    test_graph_cache.py::test_fn_is_run_only_for_a_new_signature
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

        return tuple(map(counts, args)), tuple((name, counts(kwargs[name])) for name in sorted(kwargs))

    def __call__(self, *args, **kwargs):
        key = self.signature(*args, **kwargs)
        self.graphs[key] = tf.function(self.fn)
        return self.graphs[key](*args, **kwargs)
