"""Dicts come back with their keys in another order.

Caught by:
    test_to_device.py::test_containers_keep_their_types
"""


# %% solve_to_device
def to_device(tree, device):
    if isinstance(tree, torch.Tensor):
        return tree.to(device)
    if isinstance(tree, dict):
        return {key: to_device(tree[key], device) for key in sorted(tree, key=str)}
    if isinstance(tree, (list, tuple)):
        return type(tree)([to_device(value, device) for value in tree])
    return tree
