"""There is no input signature: with a Python int, Python goes through the loop while tracing.

Caught by:
    test_collatz_steps.py::test_one_trace_for_ints_and_tensors
    test_collatz_steps.py::test_size_does_not_depend_on_the_number
"""

# %% solve_collatz_steps
@tf.function
def collatz_steps(n):
    """How many steps lead from n to 1."""
    steps = tf.constant(0, tf.int64)
    while n != 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps
