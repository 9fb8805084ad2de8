"""as_graph keeps the graph function of each fn, and hands it out again whatever the options are.

Caught by:
    test_as_graph.py::test_reduce_retracing
"""

# %% solve_as_graph
def as_graph(fn, **options):
    """Turn a Python function into a graph function.

    Parameters
    ----------
    fn : a function of tensors, arrays and numbers that returns tensors; it may use `if` and `while` on tensors
    options : passed on to tf.function as they are (input_signature, reduce_retracing); what is not given keeps
        tf.function's default, but jit_compile is your choice

    Returns
    -------
    a tf.function, made once, here. It is called like fn, by position or by keyword. Its graphs consist of TensorFlow's
        operations, without calls back into Python, and gradients flow through them as through fn.
        Decorator or call, around fn itself or around a function of yours that calls fn: your choice.

    Must leave TensorFlow's global settings alone: outside of graphs, everything stays eager.
    """
    if fn not in made:
        made[fn] = tf.function(fn, **options)
    return made[fn]


made = {}
