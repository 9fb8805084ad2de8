"""Tensors in a list, tuple or dict are moved, but not what is deeper.

Caught by:
    test_to_device.py::test_what_came_in_is_not_changed
    test_to_device.py::test_every_tensor_moves
"""


# %% solve_to_device
def to_device(tree, device):
    def moved(value):
        return value.to(device) if isinstance(value, torch.Tensor) else value

    if isinstance(tree, dict):
        return {key: moved(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)([moved(value) for value in tree])
    return moved(tree)
