"""The first part has the larger half of the layers.

Caught by:
    test_split_forward.py::test_layers_are_placed
"""


# %% solve_split_forward
def split_forward(net, d0, d1):
    cut = (len(net) + 1) // 2
    first, second = net[:cut].to(d0), net[cut:].to(d1)

    def forward(x):
        return second(first(x.to(d0)).to(d1))

    return forward
