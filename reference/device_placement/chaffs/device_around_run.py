"""The graph has no devices; tf.device stands around session.run, where it does nothing.

Caught by:
    test_build_placed_graph.py::test_requested_devices
    test_build_placed_graph.py::test_all_of_the_work
    test_tensorflow_on_gpu.py::test_placed_graph_on_the_gpu
"""


# %% solve_build_placed_graph
def build_placed_graph(w1, w2):
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, len(w1)], "x")
        h = tf.nn.relu(tf.matmul(x, w1), name="h")
        p = tf.nn.softmax(tf.matmul(h, w2, name="y"), name="p")
        tf.argmax(p, axis=1, name="best")
    with tf.device("/GPU:0"), tf1.Session(graph=graph) as session:
        session.run("best:0", {"x:0": np.zeros((1, len(w1)))})
    return graph
