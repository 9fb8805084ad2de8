"""Nothing is predicted: every call is made, and the traces are counted afterwards.

Caught by:
    test_predict_traces.py::test_many_calls
"""

# %% solve_predict_traces
def predict_traces(calls):
    """How often a new tf.function of `def f(x, y=0)`, without options, would be traced by these calls."""
    f = tf.function(lambda x, y=0: x)
    for args, kwargs in calls:
        f(*args, **kwargs)
    return f.experimental_get_tracing_count()
