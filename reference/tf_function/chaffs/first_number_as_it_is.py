"""The first sum is the first number, also where that is negative.

Caught by:
    test_running_sums.py::test_one_graph_for_all_lengths
"""

# %% solve_running_sums
@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
def running_sums(xs):
    """Sums that never fall below zero: s[t] = max(s[t - 1] + xs[t], 0), with 0 before the first.

    Parameters
    ----------
    xs : float32 tensor (n,), or an ndarray or a list of floats; n may be 0

    Returns
    -------
    float32 tensor (n,) : s[0], ..., s[n - 1]

    Must be a tf.function with one graph for all n, through which gradients flow to xs.
    A loop with a TensorArray, tf.scan, or anything else that stays inside the graph: your choice.
    """
    sums = tf.TensorArray(tf.float32, size=tf.size(xs))
    s = tf.constant(0.0)
    for t in tf.range(tf.size(xs)):
        s = xs[t] if t == 0 else tf.maximum(s + xs[t], 0.0)
        sums = sums.write(t, s)
    return sums.stack()
