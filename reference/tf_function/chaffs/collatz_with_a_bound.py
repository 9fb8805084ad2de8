"""The loop is written out as 300 steps, which is not enough for every number.

Caught by:
    test_collatz_steps.py::test_one_graph_has_the_whole_loop
"""

# %% solve_collatz_steps
@tf.function(input_signature=[tf.TensorSpec([], tf.int64)])
def collatz_steps(n):
    """How many steps lead from n to 1."""
    steps = tf.constant(0, tf.int64)
    for _ in tf.range(300):
        if n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            steps += 1
    return steps
