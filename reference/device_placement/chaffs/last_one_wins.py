"""The loop goes on after it has found a device.

Caught by:
    test_pick_device.py::test_first_that_is_there
    test_pick_device.py::test_order_is_the_users
    test_torch_on_gpu.py::test_gpu_is_picked
"""


# %% solve_pick_device
def pick_device(prefer):
    found = None
    for name in prefer:
        device = torch.device(name)
        if device.type in ("cpu", "meta") or (device.index or 0) < torch.cuda.device_count():
            found = device
    if found is None:
        raise RuntimeError("none of them is there")
    return found
