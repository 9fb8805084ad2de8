"""The loop is in the graph, but without a signature each length has a graph of its own.

Caught by:
    test_running_sums.py::test_one_trace
"""

# %% solve_running_sums
@tf.function
def running_sums(xs):
    """Sums that never fall below zero."""
    xs = tf.convert_to_tensor(xs, tf.float32)
    sums = tf.TensorArray(tf.float32, size=tf.size(xs))
    s = tf.constant(0.0)
    for t in tf.range(tf.size(xs)):
        s = tf.maximum(s + xs[t], 0.0)
        sums = sums.write(t, s)
    return sums.stack()
