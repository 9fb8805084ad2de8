"""Every mean stands with the last variable.

Caught by:
    test_average_tower_gradients.py::test_variables_come_along
"""


# %% solve_average_tower_gradients
def average_tower_gradients(towers, device):
    averaged = []
    with tf.device(device):
        for pairs in zip(*towers):
            gradients = [gradient for gradient, _ in pairs if gradient is not None]
            averaged.append((tf.add_n(gradients) / len(towers) if gradients else None, towers[0][-1][1]))
    return averaged
