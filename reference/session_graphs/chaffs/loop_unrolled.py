"""A Python loop writes twenty steps into the graph; those too many change and count nothing.

Caught by:
    test_control.py::test_root_loops_in_the_graph
"""

# %% solve_control
def build_clip():
    """Clip a vector to a length, with a decision in the graph (`tf1.cond` or `tf.cond`)."""
    graph = tf.Graph()
    with graph.as_default():
        x = tf1.placeholder(tf.float32, (None,), name="x")
        limit = tf1.placeholder(tf.float32, (), name="limit")
        length = tf.norm(x)
        tf.identity(tf1.cond(length > limit, lambda: x * (limit / length), lambda: x), name="y")
    return graph


def build_root():
    """The square root by Newton's method, with a loop in the graph (`tf1.while_loop` or `tf.while_loop`)."""
    graph = tf.Graph()
    with graph.as_default():
        a = tf1.placeholder(tf.float32, (), name="a")
        root, steps = a, tf.constant(0)
        for _ in range(20):
            far = tf.abs(root * root - a) > 0.0005 * a
            root, steps = tf.where(far, (root + a / root) / 2, root), steps + tf.cast(far, tf.int32)
        tf.identity(root, name="root")
        tf.identity(steps, name="steps")
    return graph
