"""Both results are computed, and tf.where chooses.

Caught by:
    test_control.py::test_clip_decides_in_the_graph
"""

# %% solve_control
def build_clip():
    """Clip a vector to a length, with a decision in the graph (`tf1.cond` or `tf.cond`)."""
    graph = tf.Graph()
    with graph.as_default():
        x = tf1.placeholder(tf.float32, (None,), name="x")
        limit = tf1.placeholder(tf.float32, (), name="limit")
        length = tf.norm(x)
        tf.identity(tf.where(length > limit, x * (limit / length), x), name="y")
    return graph


def build_root():
    """The square root by Newton's method, with a loop in the graph (`tf1.while_loop` or `tf.while_loop`)."""
    graph = tf.Graph()
    with graph.as_default():
        a = tf1.placeholder(tf.float32, (), name="a")
        root, steps = tf1.while_loop(
            lambda y, n: tf.abs(y * y - a) > 0.0005 * a,
            lambda y, n: ((y + a / y) / 2, n + 1),
            (a, tf.constant(0)),
        )
        tf.identity(root, name="root")
        tf.identity(steps, name="steps")
    return graph
