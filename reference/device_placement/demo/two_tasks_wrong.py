"""The demo's student with two tasks wrong: the result of `.to` is dropped, and every request is put on one GPU.

Caught by:
    test_to_device.py::test_every_tensor_moves
    test_to_device.py::test_what_came_in_is_not_changed
    test_to_device.py::test_dtypes_and_values
    test_to_device.py::test_names_and_devices
    test_build_placed_graph.py::test_requested_devices
    test_build_placed_graph.py::test_all_of_the_work
    test_build_placed_graph.py::test_the_rest_is_free
    test_tensorflow_on_gpu.py::test_placed_graph_on_the_gpu
"""


# %% solve_to_device
def to_device(tree, device):
    """A copy of nested data, with every tensor on the device."""
    if isinstance(tree, torch.Tensor):
        tree.to(device)
        return tree
    if isinstance(tree, dict):
        return {key: to_device(value, device) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        parts = [to_device(value, device) for value in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return tree


# %% solve_build_placed_graph
def build_placed_graph(weights):
    """A new graph of the network in the table, spread over a CPU and two GPUs."""
    w1, b1, w2, b2, w3, b3, w4, b4 = weights
    with tf.Graph().as_default() as graph, tf.device("/GPU:0"):
        x = tf1.placeholder(tf.float32, [None, 28, 28, 1], "x")
        maps = tf.nn.relu(tf.nn.conv2d(x, w1, 1, "VALID") + b1)
        maps = tf.nn.max_pool2d(maps, 2, 2, "VALID")
        maps = tf.nn.relu(tf.nn.conv2d(maps, w2, 1, "VALID") + b2)
        h = tf.nn.max_pool2d(maps, 2, 2, "VALID", name="h")
        hidden = tf.nn.relu(tf.matmul(tf.reshape(h, [-1, 320]), w3) + b3)
        y = tf.add(tf.matmul(hidden, w4), b4, name="y")
        p = tf.nn.softmax(y, name="p")
        tf.argmax(p, axis=1, name="best")
    return graph
