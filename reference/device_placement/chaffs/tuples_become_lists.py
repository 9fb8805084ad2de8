"""Every sequence comes back as a list.

Caught by:
    test_to_device.py::test_containers_keep_their_types
"""


# %% solve_to_device
def to_device(tree, device):
    if isinstance(tree, torch.Tensor):
        return tree.to(device)
    if isinstance(tree, dict):
        return {key: to_device(value, device) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [to_device(value, device) for value in tree]
    return tree
