"""The sum is divided by the number of gradients that are there.

Caught by:
    test_average_tower_gradients.py::test_missing_gradients
"""


# %% solve_average_tower_gradients
def average_tower_gradients(towers, device):
    averaged = []
    with tf.device(device):
        for pairs in zip(*towers):
            gradients = [gradient for gradient, _ in pairs if gradient is not None]
            averaged.append((tf.add_n(gradients) / len(gradients) if gradients else None, pairs[0][1]))
    return averaged
