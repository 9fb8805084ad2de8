"""Only 'cuda' itself is asked for: str(device) == "cuda" is false for cuda:63.

Caught by:
    test_pick_device.py::test_first_that_is_there
    test_pick_device.py::test_nothing_but_the_list
    test_pick_device.py::test_unknown_name
"""


# %% solve_pick_device
def pick_device(prefer):
    for name in prefer:
        device = torch.device(name)
        if str(device) == "cuda" and not torch.cuda.is_available():
            continue
        return device
    raise RuntimeError("none of them is there")
