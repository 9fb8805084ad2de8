"""fn gets the tensors first and the numbers after them, whatever order they came in.

Caught by:
    test_graph_cache.py::test_python_numbers_by_value
"""

# %% solve_graph_cache
class GraphCache:
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
        numbers = [value for value in args if type(value) in (bool, int, float)]
        tensors = [tf.convert_to_tensor(value) for value in args if type(value) not in (bool, int, float)]
        fixed = {name: value for name, value in kwargs.items() if type(value) in (bool, int, float)}
        named = {name: tf.convert_to_tensor(kwargs[name]) for name in sorted(kwargs) if name not in fixed}
        if key not in self.graphs:

            def body(tensors, named):
                return self.fn(*tensors, *numbers, **named, **fixed)

            self.graphs[key] = tf.function(body)
        return self.graphs[key](tensors, named)
