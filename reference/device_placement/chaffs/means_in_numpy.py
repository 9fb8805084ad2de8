"""The means are computed in numpy, and so on the host.

Caught by:
    test_average_tower_gradients.py::test_means_are_on_the_device
    test_tensorflow_on_gpu.py::test_means_on_the_gpu
"""


# %% solve_average_tower_gradients
def average_tower_gradients(towers, device):
    averaged = []
    for pairs in zip(*towers):
        gradients = [gradient.numpy() for gradient, _ in pairs if gradient is not None]
        averaged.append((np.sum(gradients, axis=0) / len(towers) if gradients else None, pairs[0][1]))
    return averaged
