"""The prediction takes a Python number for a tensor of shape ().

Caught by:
    test_predict_traces.py::test_python_numbers_count_by_value
    test_predict_traces.py::test_the_form_of_a_call_does_not_count
    test_predict_traces.py::test_many_calls
"""

# %% solve_predict_traces
def predict_traces(calls):
    """How often a new tf.function of `def f(x, y=0)`, without options, would be traced by these calls."""

    def form(x, y=0):
        return x, y

    def counts(value):
        array = np.asarray(value)
        return array.dtype.name, array.shape

    return len({tuple(map(counts, form(*args, **kwargs))) for args, kwargs in calls})
