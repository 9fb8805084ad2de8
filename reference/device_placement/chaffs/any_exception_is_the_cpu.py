"""Whatever goes wrong, a typing error included, the CPU is taken.

Caught by:
    test_pick_device.py::test_nothing_but_the_list
    test_pick_device.py::test_unknown_name
"""


# %% solve_pick_device
def pick_device(prefer):
    for name in prefer:
        try:
            torch.empty(0, device=name)
            return torch.device(name)
        except Exception:
            continue
    return torch.device("cpu")
