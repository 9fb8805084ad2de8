"""Accelerators come before the CPU, in whatever order the user named them.

Caught by:
    test_pick_device.py::test_order_is_the_users
"""


# %% solve_pick_device
def pick_device(prefer):
    devices = sorted(map(torch.device, prefer), key=lambda device: device.type == "cpu")
    for device in devices:
        if device.type in ("cpu", "meta") or (device.index or 0) < torch.cuda.device_count():
            return device
    raise RuntimeError("none of them is there")
