"""The demo's student who waits for a device until there is one, and waits for ever where there is none.

Caught by:
    test_pick_device.py::test_nothing_but_the_list
"""


# %% solve_pick_device
def pick_device(prefer):
    """The first device of a list that this machine has."""
    while True:
        for name in prefer:
            device = torch.device(name)
            if device.type in ("cpu", "meta"):
                return device
            if device.type == "cuda" and (device.index or 0) < torch.cuda.device_count():
                return device
