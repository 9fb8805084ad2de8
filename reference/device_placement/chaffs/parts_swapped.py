"""The first part is on the second device and the second on the first.

Caught by:
    test_split_forward.py::test_layers_are_placed
    test_split_forward.py::test_activations_are_handed_over
"""


# %% solve_split_forward
def split_forward(net, d0, d1):
    first, second = net[: len(net) // 2].to(d1), net[len(net) // 2 :].to(d0)

    def forward(x):
        return second(first(x.to(d1)).to(d0))

    return forward
