"""The dict of graphs belongs to the class, so that all caches share it.

Caught by:
    test_graph_cache.py::test_new_numbers_go_through_the_same_graph
    test_graph_cache.py::test_shapes_and_dtypes
    test_graph_cache.py::test_python_numbers_by_value
    test_graph_cache.py::test_types_of_python_numbers
    test_graph_cache.py::test_arrays_share_graphs_with_tensors
    test_graph_cache.py::test_keywords
    test_graph_cache.py::test_graphs_by_signature
    test_graph_cache.py::test_caches_are_separate
"""

# %% solve_graph_cache
class GraphCache:
    """Calls fn through graphs, one for each signature."""

    graphs = {}

    def __init__(self, fn):
        self.fn = fn

    def signature(self, *args, **kwargs):
        def counts(value):
            if type(value) in (bool, int, float):
                return type(value), value
            return tf.as_dtype(value.dtype), tuple(value.shape)

        return tuple(map(counts, args)), tuple((name, counts(kwargs[name])) for name in sorted(kwargs))

    def __call__(self, *args, **kwargs):
        key = self.signature(*args, **kwargs)
        if key not in self.graphs:
            self.graphs[key] = tf.function(self.fn)
        return self.graphs[key](*args, **kwargs)
