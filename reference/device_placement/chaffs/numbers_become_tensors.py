"""Numbers are made tensors and moved, too.

Caught by:
    test_to_device.py::test_others_stay
"""


# %% solve_to_device
def to_device(tree, device):
    if isinstance(tree, torch.Tensor):
        return tree.to(device)
    if isinstance(tree, dict):
        return {key: to_device(value, device) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)([to_device(value, device) for value in tree])
    return torch.as_tensor(tree, device=device) if isinstance(tree, (int, float)) else tree
