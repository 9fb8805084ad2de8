"""The means are taken over the gradients of each tower.

Caught by:
    test_average_tower_gradients.py::test_means
    test_average_tower_gradients.py::test_variables_come_along
    test_average_tower_gradients.py::test_missing_gradients
    test_average_tower_gradients.py::test_means_are_on_the_device
    test_tensorflow_on_gpu.py::test_means_on_the_gpu
"""


# %% solve_average_tower_gradients
def average_tower_gradients(towers, device):
    averaged = []
    with tf.device(device):
        for pairs in towers:
            gradients = [tf.reduce_mean(gradient) for gradient, _ in pairs if gradient is not None]
            averaged.append((tf.add_n(gradients) / len(pairs), pairs[0][1]))
    return averaged
