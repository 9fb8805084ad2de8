"""An ndarray is made a tensor and moved, too.

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
    return torch.from_numpy(tree).to(device) if isinstance(tree, np.ndarray) else tree
