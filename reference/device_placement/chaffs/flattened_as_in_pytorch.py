"""The maps are flattened one after the other, as PyTorch does it, and not place by place.

Caught by:
    test_build_placed_graph.py::test_values
    test_build_placed_graph.py::test_each_call_a_new_graph
    test_tensorflow_on_gpu.py::test_placed_graph_on_the_gpu
"""


# %% solve_build_placed_graph
def build_placed_graph(weights):
    w1, b1, w2, b2, w3, b3, w4, b4 = weights
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 28, 28, 1], "x")
        with tf.device("/GPU:0"):
            maps = tf.nn.relu(tf.nn.conv2d(x, w1, 1, "VALID") + b1)
            maps = tf.nn.max_pool2d(maps, 2, 2, "VALID")
            maps = tf.nn.relu(tf.nn.conv2d(maps, w2, 1, "VALID") + b2)
            h = tf.nn.max_pool2d(maps, 2, 2, "VALID", name="h")
        with tf.device("/GPU:1"):
            flat = tf.reshape(tf.transpose(h, [0, 3, 1, 2]), [-1, 320])
            hidden = tf.nn.relu(tf.matmul(flat, w3) + b3)
            y = tf.add(tf.matmul(hidden, w4), b4, name="y")
            with tf.device("/CPU:0"):
                p = tf.nn.softmax(y, name="p")
        tf.argmax(p, axis=1, name="best")
    return graph
