"""The demo's student with two tasks wrong: the sums are collected in a Python list, and the export is for one batch size.

Caught by:
    test_running_sums.py::test_one_graph_for_all_lengths
    test_running_sums.py::test_nothing_in_nothing_out
    test_running_sums.py::test_one_trace
    test_running_sums.py::test_calls_do_not_remember
    test_running_sums.py::test_gradient
    test_running_sums.py::test_no_python_in_the_graph
    test_export.py::test_named_input_and_output
    test_export.py::test_any_batch_size
    test_export.py::test_other_modules
"""


# %% solve_running_sums
sums = []


@tf.function
def running_sums(xs):
    """Sums that never fall below zero: s[t] = max(s[t - 1] + xs[t], 0), with 0 before the first."""
    s = tf.constant(0.0)
    for x in xs:
        s = tf.maximum(s + x, 0.0)
        sums.append(s)
    return tf.stack(sums)


# %% solve_export
def export(module, directory):
    """Save a module as a SavedModel that can be called without its source."""
    serve = tf.function(module.__call__)
    example = tf.zeros([3, module.features])
    tf.saved_model.save(module, directory, signatures=serve.get_concrete_function(example))
