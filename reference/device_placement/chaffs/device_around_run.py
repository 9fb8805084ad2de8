"""The graph has no devices; tf.device stands around session.run, where it does nothing.

Caught by:
    test_build_placed_graph.py::test_requested_devices
    test_build_placed_graph.py::test_all_of_the_work
    test_build_placed_graph.py::test_each_call_a_new_graph
    test_tensorflow_on_gpu.py::test_placed_graph_on_the_gpu
"""


# %% solve_build_placed_graph
def build_placed_graph(weights):
    w1, b1, w2, b2, w3, b3, w4, b4 = weights
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 28, 28, 1], "x")
        maps = tf.nn.relu(tf.nn.conv2d(x, w1, 1, "VALID") + b1)
        maps = tf.nn.max_pool2d(maps, 2, 2, "VALID")
        maps = tf.nn.relu(tf.nn.conv2d(maps, w2, 1, "VALID") + b2)
        h = tf.nn.max_pool2d(maps, 2, 2, "VALID", name="h")
        hidden = tf.nn.relu(tf.matmul(tf.reshape(h, [-1, 320]), w3) + b3)
        y = tf.add(tf.matmul(hidden, w4), b4, name="y")
        p = tf.nn.softmax(y, name="p")
        tf.argmax(p, axis=1, name="best")
    with tf.device("/GPU:0"), tf1.Session(graph=graph) as session:
        session.run("best:0", {"x:0": np.zeros((1, 28, 28, 1))})
    return graph
