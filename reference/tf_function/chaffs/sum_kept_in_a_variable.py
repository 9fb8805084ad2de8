"""The running sum is a variable: no gradient comes through it, and the next call goes on where this one ended.

Caught by:
    test_running_sums.py::test_one_graph_for_all_lengths
    test_running_sums.py::test_nothing_in_nothing_out
    test_running_sums.py::test_one_trace
    test_running_sums.py::test_calls_do_not_remember
    test_running_sums.py::test_gradient
    test_running_sums.py::test_no_python_in_the_graph
"""

# %% solve_running_sums
running = tf.Variable(0.0, trainable=False)


@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
def running_sums(xs):
    """Sums that never fall below zero."""
    sums = tf.TensorArray(tf.float32, size=tf.size(xs))
    for t in tf.range(tf.size(xs)):
        running.assign(tf.maximum(running + xs[t], 0.0))
        sums = sums.write(t, running.read_value())
    return sums.stack()
