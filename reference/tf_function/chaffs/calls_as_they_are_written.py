"""The prediction takes calls as they are written: keywords and positions, and a default given or not, make a
difference.

Caught by:
    test_predict_traces.py::test_the_form_of_a_call_does_not_count
"""

# %% solve_predict_traces
def predict_traces(calls):
    """How often a new tf.function of `def f(x, y=0)`, without options, would be traced by these calls."""

    def counts(value):
        return value if isinstance(value, (int, float)) else (tf.as_dtype(value.dtype), tuple(value.shape))

    seen = set()
    for args, kwargs in calls:
        seen.add((tuple(map(counts, args)), tuple((name, counts(value)) for name, value in kwargs.items())))
    return len(seen)
