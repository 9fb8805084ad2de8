"""What comes from the first part is not moved to the second device.

Caught by:
    test_split_forward.py::test_activations_are_handed_over
    test_torch_on_gpu.py::test_split_over_cpu_and_gpu
"""


# %% solve_split_forward
def split_forward(net, d0, d1):
    first, second = net[: len(net) // 2].to(d0), net[len(net) // 2 :].to(d1)

    def forward(x):
        return second(first(x.to(d0)))

    return forward
