"""The activations travel as an ndarray.

Caught by:
    test_split_forward.py::test_input_from_anywhere
    test_split_forward.py::test_gradients
    test_torch_on_gpu.py::test_split_over_cpu_and_gpu
"""


# %% solve_split_forward
def split_forward(net, d0, d1):
    first, second = net[: len(net) // 2].to(d0), net[len(net) // 2 :].to(d1)

    def forward(x):
        handed_over = first(x.to(d0)).detach().cpu().numpy()
        return second(torch.from_numpy(handed_over).to(d1))

    return forward
