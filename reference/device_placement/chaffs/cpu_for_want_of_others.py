"""When no device of the list is there, the CPU is taken without a word.

Caught by:
    test_pick_device.py::test_nothing_but_the_list
"""


# %% solve_pick_device
def pick_device(prefer):
    for name in prefer:
        device = torch.device(name)
        if device.type in ("cpu", "meta") or (device.index or 0) < torch.cuda.device_count():
            return device
    return torch.device("cpu")
