"""Tensors are made float32 on the way.

Caught by:
    test_to_device.py::test_dtypes_and_values
"""


# %% solve_to_device
def to_device(tree, device):
    if isinstance(tree, torch.Tensor):
        return tree.to(device, torch.float32)
    if isinstance(tree, dict):
        return {key: to_device(value, device) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)([to_device(value, device) for value in tree])
    return tree
