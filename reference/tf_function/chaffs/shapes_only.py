"""The signature has shapes and no dtypes: a graph gets tensors of another dtype, and refuses them.

Caught by:
    test_graph_cache.py::test_shapes_and_dtypes
"""

# %% solve_graph_cache
class GraphCache:
    """Calls fn through graphs, one for each signature."""

    def __init__(self, fn):
        self.fn = fn
        self.graphs = {}

    def signature(self, *args, **kwargs):
        def counts(value):
            return (type(value), value) if type(value) in (bool, int, float) else tuple(value.shape)

        return tuple(map(counts, args)), tuple((name, counts(kwargs[name])) for name in sorted(kwargs))

    def __call__(self, *args, **kwargs):
        key = self.signature(*args, **kwargs)
        names = sorted(kwargs)
        values = [*args, *(kwargs[name] for name in names)]
        places = [i for i, value in enumerate(values) if type(value) not in (bool, int, float)]
        tensors = [tf.convert_to_tensor(values[i]) for i in places]
        if key not in self.graphs:

            def body(*symbols):
                filled = list(values)
                for i, symbol in zip(places, symbols):
                    filled[i] = symbol
                return self.fn(*filled[: len(args)], **dict(zip(names, filled[len(args) :])))

            specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in tensors]
            self.graphs[key] = tf.function(body).get_concrete_function(*specs)
        return self.graphs[key](*tensors)
