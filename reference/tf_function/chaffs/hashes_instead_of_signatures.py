"""predict_traces keeps the hash of each signature, and two can have the same.

Caught by:
    test_predict_traces.py::test_python_numbers_count_by_value
"""

# %% solve_predict_traces
def predict_traces(calls):
    """How often a new tf.function of `def f(x, y=0)`, without options, would be traced by these calls.

    Parameters
    ----------
    calls : list of (args, kwargs), a tuple and a dict with the names x and y, in the order in which they are made.
        The arguments are tensors, ndarrays and Python ints and floats. (Numbers that are equal have equal types.)

    Returns
    -------
    int

    Must cope with 5,000 calls in a second: predict, do not trace.
    """
    def form(x, y=0):
        return x, y

    def counts(value):
        return value if isinstance(value, (int, float)) else (tf.as_dtype(value.dtype), tuple(value.shape))

    return len({hash(tuple(map(counts, form(*args, **kwargs)))) for args, kwargs in calls})
