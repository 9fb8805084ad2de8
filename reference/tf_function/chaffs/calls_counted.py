"""Every call is taken for a trace.

Caught by:
    test_predict_traces.py::test_numbers_in_tensors_do_not_count
    test_predict_traces.py::test_shapes_and_dtypes_count
    test_predict_traces.py::test_python_numbers_count_by_value
    test_predict_traces.py::test_arrays_count_as_tensors
    test_predict_traces.py::test_the_form_of_a_call_does_not_count
    test_predict_traces.py::test_many_calls
"""

# %% solve_predict_traces
def predict_traces(calls):
    """How often a new tf.function of `def f(x, y=0)`, without options, would be traced by these calls."""
    return len(calls)
