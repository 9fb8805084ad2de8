"""`tensor.to` is called, and what it returns is dropped.

Caught by:
    test_to_device.py::test_every_tensor_moves
    test_to_device.py::test_what_came_in_is_not_changed
    test_to_device.py::test_dtypes_and_values
    test_to_device.py::test_names_and_devices
"""


# %% solve_to_device
def to_device(tree, device):
    if isinstance(tree, torch.Tensor):
        tree.to(device)
        return tree
    if isinstance(tree, dict):
        return {key: to_device(value, device) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)([to_device(value, device) for value in tree])
    return tree
