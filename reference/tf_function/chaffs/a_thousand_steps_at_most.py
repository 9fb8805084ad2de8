"""The loop ends after a thousand steps.

Caught by:
    test_collatz_steps.py::test_one_graph_has_the_whole_loop
"""

# %% solve_collatz_steps
@tf.function(input_signature=[tf.TensorSpec([], tf.int64)])
def collatz_steps(n):
    """How many steps lead from n to 1, where a step halves an even number and turns an odd n into 3 * n + 1.

    Parameters
    ----------
    n : int64 tensor of shape (), or a Python int; at least 1

    Returns
    -------
    int64 tensor of shape (); 0 for n = 1

    Must be a tf.function with one graph for all n, Python ints too, whose size does not depend on n.
    AutoGraph, tf.while_loop and tf.cond, or anything else that stays inside the graph: your choice.
    """
    steps = tf.constant(0, tf.int64)
    while n != 1 and steps < 1000:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps
