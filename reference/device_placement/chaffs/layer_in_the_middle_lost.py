"""The second part begins one layer too late.

Caught by:
    test_split_forward.py::test_same_as_the_whole
    test_split_forward.py::test_layers_are_placed
    test_split_forward.py::test_activations_are_handed_over
    test_split_forward.py::test_input_from_anywhere
    test_split_forward.py::test_gradients
    test_torch_on_gpu.py::test_split_over_cpu_and_gpu
"""


# %% solve_split_forward
def split_forward(net, d0, d1):
    first, second = net[: len(net) // 2].to(d0), net[len(net) // 2 + 1 :].to(d1)

    def forward(x):
        return second(first(x.to(d0)).to(d1))

    return forward
