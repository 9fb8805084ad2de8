"""The convolutional half is built twice, once as h and once more for y: the values are right.

Caught by:
    test_build_placed_graph.py::test_parameters
"""


# %% solve_build_placed_graph
def build_placed_graph(weights):
    w1, b1, w2, b2, w3, b3, w4, b4 = weights

    def features(x, name=None):
        maps = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, w1, 1, "VALID") + b1), 2, 2, "VALID")
        return tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(maps, w2, 1, "VALID") + b2), 2, 2, "VALID", name=name)

    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 28, 28, 1], "x")
        with tf.device("/GPU:0"):
            features(x, name="h")
        with tf.device("/GPU:1"):
            hidden = tf.nn.relu(tf.matmul(tf.reshape(features(x), [-1, 320]), w3) + b3)
            y = tf.add(tf.matmul(hidden, w4), b4, name="y")
            with tf.device("/CPU:0"):
                p = tf.nn.softmax(y, name="p")
        tf.argmax(p, axis=1, name="best")
    return graph
