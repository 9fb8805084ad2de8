"""Python loops over the data and collects in a list: it needs to know the length while tracing, and traces for each.

Caught by:
    test_running_sums.py::test_one_graph_for_all_lengths
    test_running_sums.py::test_nothing_in_nothing_out
    test_running_sums.py::test_one_trace
    test_running_sums.py::test_gradient
    test_running_sums.py::test_no_python_in_the_graph
"""

# %% solve_running_sums
@tf.function
def running_sums(xs):
    """Sums that never fall below zero."""
    xs = tf.convert_to_tensor(xs, tf.float32)
    sums, s = [], tf.constant(0.0)
    for t in range(xs.shape[0]):
        s = tf.maximum(s + xs[t], 0.0)
        sums.append(s)
    return tf.stack(sums)
