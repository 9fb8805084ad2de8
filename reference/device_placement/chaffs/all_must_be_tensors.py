"""Whatever is no list, tuple or dict is taken for a tensor.

Caught by:
    test_to_device.py::test_containers_keep_their_types
    test_to_device.py::test_others_stay
    test_to_device.py::test_what_came_in_is_not_changed
"""


# %% solve_to_device
def to_device(tree, device):
    if isinstance(tree, torch.Tensor):
        return tree.to(device)
    if isinstance(tree, dict):
        return {key: to_device(value, device) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)([to_device(value, device) for value in tree])
    return tree.to(device)
