"""The steps are counted in int32.

Caught by:
    test_collatz_steps.py::test_one_trace_for_ints_and_tensors
"""

# %% solve_collatz_steps
@tf.function(input_signature=[tf.TensorSpec([], tf.int64)])
def collatz_steps(n):
    """How many steps lead from n to 1."""
    steps = tf.constant(0)
    while n != 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps
