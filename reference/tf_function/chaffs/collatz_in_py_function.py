"""The steps are counted in Python, called from the graph.

Caught by:
    test_collatz_steps.py::test_one_graph_has_the_whole_loop
    test_collatz_steps.py::test_one_is_there_already
    test_collatz_steps.py::test_no_python_in_the_graph
    test_collatz_steps.py::test_size_does_not_depend_on_the_number
"""

# %% solve_collatz_steps
def count_steps(n):
    n, steps = int(n), 0
    while n != 1:
        n, steps = (n // 2 if n % 2 == 0 else 3 * n + 1), steps + 1
    return np.int64(steps)


@tf.function(input_signature=[tf.TensorSpec([], tf.int64)])
def collatz_steps(n):
    """How many steps lead from n to 1."""
    steps = tf.py_function(count_steps, [n], tf.int64)
    steps.set_shape([])
    return steps
