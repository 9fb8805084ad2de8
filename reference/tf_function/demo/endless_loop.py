"""The demo's student whose Collatz sequence never ends: 1 is followed by 4, 2 and 1 again, and the loop looks for 0.

Caught by:
    test_collatz_steps.py::test_one_graph_has_the_whole_loop
    test_collatz_steps.py::test_one_is_there_already
    test_collatz_steps.py::test_one_trace_for_ints_and_tensors
    test_collatz_steps.py::test_size_does_not_depend_on_the_number
    test_collatz_steps.py::test_no_python_in_the_graph
"""


# %% solve_collatz_steps
@tf.function(input_signature=[tf.TensorSpec([], tf.int64)])
def collatz_steps(n):
    """How many steps lead from n to 1, where a step halves an even number and turns an odd n into 3 * n + 1."""
    steps = tf.constant(0, tf.int64)
    while n > 0:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps
