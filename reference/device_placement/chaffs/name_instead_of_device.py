"""The name comes back as it was given, not as a torch.device.

Caught by:
    test_pick_device.py::test_a_device_comes_back
"""


# %% solve_pick_device
def pick_device(prefer):
    for name in prefer:
        device = torch.device(name)
        if device.type in ("cpu", "meta") or (device.index or 0) < torch.cuda.device_count():
            return name
    raise RuntimeError("none of them is there")
