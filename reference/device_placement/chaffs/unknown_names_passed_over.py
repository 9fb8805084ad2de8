"""A name that PyTorch does not know is taken for a device that is not there.

Caught by:
    test_pick_device.py::test_unknown_name
"""


# %% solve_pick_device
def pick_device(prefer):
    for name in prefer:
        try:
            device = torch.device(name)
        except RuntimeError:
            continue
        if device.type in ("cpu", "meta") or (device.index or 0) < torch.cuda.device_count():
            return device
    raise RuntimeError("none of them is there")
