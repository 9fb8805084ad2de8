"""The loop begins with the first number, which is not always there.

Caught by:
    test_running_sums.py::test_nothing_in_nothing_out
"""

# %% solve_running_sums
@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
def running_sums(xs):
    """Sums that never fall below zero."""
    s = tf.maximum(xs[0], 0.0)
    sums = tf.TensorArray(tf.float32, size=tf.size(xs)).write(0, s)
    for t in tf.range(1, tf.size(xs)):
        s = tf.maximum(s + xs[t], 0.0)
        sums = sums.write(t, s)
    return sums.stack()
