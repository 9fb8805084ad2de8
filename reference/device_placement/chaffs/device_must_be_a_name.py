"""A torch.device is refused: the name is taken apart as text.

Caught by:
    test_to_device.py::test_names_and_devices
"""


# %% solve_to_device
def to_device(tree, device):
    if isinstance(tree, torch.Tensor):
        return tree.to(device.partition(":")[0])
    if isinstance(tree, dict):
        return {key: to_device(value, device) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)([to_device(value, device) for value in tree])
    return tree
