"""A gradient that is None is added like any other.

Caught by:
    test_average_tower_gradients.py::test_means_are_on_the_device
    test_average_tower_gradients.py::test_missing_gradients
    test_average_tower_gradients.py::test_variables_come_along
"""


# %% solve_average_tower_gradients
def average_tower_gradients(towers, device):
    averaged = []
    with tf.device(device):
        for pairs in zip(*towers):
            averaged.append((tf.add_n([gradient for gradient, _ in pairs]) / len(towers), pairs[0][1]))
    return averaged
