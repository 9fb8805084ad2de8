"""The sums may fall below zero: it is tf.cumsum.

Caught by:
    test_running_sums.py::test_one_graph_for_all_lengths
    test_running_sums.py::test_gradient
"""

# %% solve_running_sums
@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
def running_sums(xs):
    """Sums that never fall below zero."""
    return tf.cumsum(xs)
