"""The hidden layer has no relu.

Caught by:
    test_build_placed_graph.py::test_values
    test_build_placed_graph.py::test_each_call_a_new_graph
    test_tensorflow_on_gpu.py::test_placed_graph_on_the_gpu
"""


# %% solve_build_placed_graph
def build_placed_graph(w1, w2):
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, len(w1)], "x")
        with tf.device("/GPU:0"):
            h = tf.matmul(x, w1, name="h")
        with tf.device("/GPU:1"):
            y = tf.matmul(h, w2, name="y")
            with tf.device("/CPU:0"):
                p = tf.nn.softmax(y, name="p")
        tf.argmax(p, axis=1, name="best")
    return graph
