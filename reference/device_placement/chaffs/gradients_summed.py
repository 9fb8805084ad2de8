"""The gradients are summed and not divided.

Caught by:
    test_average_tower_gradients.py::test_means
    test_average_tower_gradients.py::test_missing_gradients
    test_tensorflow_on_gpu.py::test_means_on_the_gpu
"""


# %% solve_average_tower_gradients
def average_tower_gradients(towers, device):
    averaged = []
    with tf.device(device):
        for pairs in zip(*towers):
            gradients = [gradient for gradient, _ in pairs if gradient is not None]
            averaged.append((tf.add_n(gradients) if gradients else None, pairs[0][1]))
    return averaged
