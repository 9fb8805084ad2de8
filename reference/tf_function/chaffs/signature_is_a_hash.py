"""signature returns the hash of what counts, and two signatures can have the same.

Caught by:
    test_graph_cache.py::test_graphs_by_signature
"""

# %% solve_graph_cache
class GraphCache:
    """Calls fn through graphs, one for each signature.

    Parameters
    ----------
    fn : a Python function of tensors and Python numbers, by position or by keyword; returns one tensor

    Attributes
    ----------
    graphs : dict, signature -> the graph recorded for it. Empty at first. What kind of object stands for a graph is
        your choice.
    """

    def __init__(self, fn):
        self.fn = fn
        self.graphs = {}

    def signature(self, *args, **kwargs):
        """What decides which graph serves a call; hashable.

        Of a tensor or an ndarray the dtype and the shape count, of a Python number (bool, int, float) the type and the
        value. The names of keywords count, their order does not. Whether f(x) and f(x=x) have one signature or two is
        your choice.
        """
        def counts(value):
            if type(value) in (bool, int, float):
                return type(value), value
            return tf.as_dtype(value.dtype), tuple(value.shape)

        return hash((tuple(map(counts, args)), tuple((name, counts(kwargs[name])) for name in sorted(kwargs))))

    def __call__(self, *args, **kwargs):
        """fn(*args, **kwargs), computed by the graph for this signature; a tensor.

        The graph is recorded when its signature is met for the first time. After that fn is not run again for it.
        """
        key = self.signature(*args, **kwargs)
        names = sorted(kwargs)
        values = [*args, *(kwargs[name] for name in names)]
        places = [i for i, value in enumerate(values) if type(value) not in (bool, int, float)]
        tensors = [tf.convert_to_tensor(values[i]) for i in places]
        if key not in self.graphs:

            def body(*symbols):
                filled = list(values)
                for i, symbol in zip(places, symbols, strict=True):
                    filled[i] = symbol
                return self.fn(*filled[: len(args)], **dict(zip(names, filled[len(args) :], strict=True)))

            specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in tensors]
            self.graphs[key] = tf.function(body).get_concrete_function(*specs)
        return self.graphs[key](*tensors)
