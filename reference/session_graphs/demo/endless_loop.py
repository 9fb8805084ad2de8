"""The demo's student whose loop waits for an error that float32 cannot reach: right for 9, without end for most numbers.

Caught by:
    test_control.py::test_root
    test_control.py::test_root_takes_as_many_steps_as_needed
"""


# %% solve_control
def build_clip():
    """Clip a vector to a length, with a decision in the graph."""
    graph = tf.Graph()
    with graph.as_default():
        x = tf1.placeholder(tf.float32, (None,), name="x")
        limit = tf1.placeholder(tf.float32, (), name="limit")
        length = tf.norm(x)
        tf.identity(tf1.cond(length > limit, lambda: x / length * limit, lambda: x), name="y")
    return graph


def build_root():
    """The square root by Newton's method, with a loop in the graph."""
    graph = tf.Graph()
    with graph.as_default():
        a = tf1.placeholder(tf.float32, (), name="a")
        root, steps = tf1.while_loop(
            lambda y, n: tf.abs(y * y - a) > 1e-9,
            lambda y, n: ((y + a / y) / 2, n + 1),
            (a, tf.constant(0)),
        )
        tf.identity(root, name="root")
        tf.identity(steps, name="steps")
    return graph
