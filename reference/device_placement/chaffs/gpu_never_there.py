"""Only the CPU and meta are ever there. On a machine without a GPU, nothing shows it.

Caught by:
    test_torch_on_gpu.py::test_gpu_is_picked
"""


# %% solve_pick_device
def pick_device(prefer):
    for name in prefer:
        device = torch.device(name)
        if device.type in ("cpu", "meta"):
            return device
    raise RuntimeError("none of them is there")
