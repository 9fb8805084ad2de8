"""A sum is multiplied by 0 or 1 instead of compared with 0: -inf becomes nan, and stays.

Caught by:
    test_running_sums.py::test_one_graph_for_all_lengths
"""
# %% solve_running_sums
@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
def running_sums(xs):
    n = tf.size(xs)
    sums = tf.TensorArray(tf.float32, size=n, element_shape=[])
    s = tf.constant(0.0)
    for i in tf.range(n):
        s = s + xs[i]
        s = s * tf.cast(s > 0.0, tf.float32)
        sums = sums.write(i, s)
    return sums.stack()
