"""The loop takes a step before it asks whether 1 has been reached.

Caught by:
    test_collatz_steps.py::test_one_is_there_already
"""

# %% solve_collatz_steps
@tf.function(input_signature=[tf.TensorSpec([], tf.int64)])
def collatz_steps(n):
    """How many steps lead from n to 1."""
    steps = tf.constant(0, tf.int64)
    going_on = tf.constant(True)
    while going_on:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        steps += 1
        going_on = n != 1
    return steps
