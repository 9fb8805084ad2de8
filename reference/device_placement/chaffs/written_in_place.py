"""Lists and dicts are not copied: the moved tensors are written into those that came in.

Caught by:
    test_to_device.py::test_what_came_in_is_not_changed
"""


# %% solve_to_device
def to_device(tree, device):
    if isinstance(tree, torch.Tensor):
        return tree.to(device)
    if isinstance(tree, tuple):
        parts = [to_device(value, device) for value in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else tuple(parts)
    if isinstance(tree, (list, dict)):
        for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
            tree[key] = to_device(tree[key], device)
    return tree
