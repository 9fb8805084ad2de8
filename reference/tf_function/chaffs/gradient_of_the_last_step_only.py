"""The sum that came before is taken as a constant, as if each step were on its own.

Caught by:
    test_running_sums.py::test_gradient
"""

# %% solve_running_sums
@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
def running_sums(xs):
    """Sums that never fall below zero."""
    sums = tf.TensorArray(tf.float32, size=tf.size(xs))
    s = tf.constant(0.0)
    for t in tf.range(tf.size(xs)):
        s = tf.maximum(tf.stop_gradient(s) + xs[t], 0.0)
        sums = sums.write(t, s)
    return sums.stack()
