"""The softmax is taken over the rows of the batch.

Caught by:
    test_build_placed_graph.py::test_values
    test_build_placed_graph.py::test_each_call_a_new_graph
"""


# %% solve_build_placed_graph
def build_placed_graph(w1, w2):
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, len(w1)], "x")
        with tf.device("/GPU:0"):
            h = tf.nn.relu(tf.matmul(x, w1), name="h")
        with tf.device("/GPU:1"):
            y = tf.matmul(h, w2, name="y")
            with tf.device("/CPU:0"):
                p = tf.nn.softmax(y, axis=0, name="p")
        tf.argmax(p, axis=1, name="best")
    return graph
