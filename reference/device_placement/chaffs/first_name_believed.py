"""Nobody looks whether the device is there: torch.device reads any name.

Caught by:
    test_pick_device.py::test_first_that_is_there
    test_pick_device.py::test_nothing_but_the_list
    test_pick_device.py::test_unknown_name
"""


# %% solve_pick_device
def pick_device(prefer):
    return torch.device(prefer[0])
