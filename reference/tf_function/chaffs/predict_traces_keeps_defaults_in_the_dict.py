"""Positions and the default are filled into the call's own dict of keywords: the next call with that dict finds them.

Caught by:
    test_predict_traces.py::test_the_form_of_a_call_does_not_count
"""
# %% solve_predict_traces
def predict_traces(calls):
    def what_counts(value):
        if isinstance(value, (tf.Tensor, np.ndarray)):
            return tf.as_dtype(value.dtype), tuple(value.shape)
        return value

    seen = set()
    for args, kwargs in calls:
        kwargs.update(zip(("x", "y"), args))
        kwargs.setdefault("y", 0)
        seen.add((what_counts(kwargs["x"]), what_counts(kwargs["y"])))
    return len(seen)
