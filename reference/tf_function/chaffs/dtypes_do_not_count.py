"""The prediction looks at shapes only.

Caught by:
    test_predict_traces.py::test_shapes_and_dtypes_count
    test_predict_traces.py::test_arrays_count_as_tensors
"""

# %% solve_predict_traces
def predict_traces(calls):
    """How often a new tf.function of `def f(x, y=0)`, without options, would be traced by these calls."""

    def form(x, y=0):
        return x, y

    def counts(value):
        return value if isinstance(value, (int, float)) else tuple(value.shape)

    return len({tuple(map(counts, form(*args, **kwargs))) for args, kwargs in calls})
