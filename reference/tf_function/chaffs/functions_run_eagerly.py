"""Everything is made to work by telling TensorFlow to run functions eagerly.

Caught by:
    test_as_graph.py::test_one_graph_for_one_signature
    test_as_graph.py::test_keywords
    test_as_graph.py::test_reduce_retracing
    test_as_graph.py::test_input_signature
    test_as_graph.py::test_eager_mode_is_untouched
    test_counter.py::test_one_graph
    test_amplifier.py::test_no_new_trace
    test_running_sums.py::test_gradient
    test_train_step.py::test_one_graph
    test_train_step.py::test_refuses_other_features
"""

# %% solve_as_graph
def as_graph(fn, **options):
    """Turn a Python function into a graph function."""
    tf.config.run_functions_eagerly(True)
    return tf.function(fn, **options)
