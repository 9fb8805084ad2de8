"""The whole network goes to the second device.

Caught by:
    test_split_forward.py::test_layers_are_placed
"""


# %% solve_split_forward
def split_forward(net, d0, d1):
    net.to(d1)

    def forward(x):
        return net(x.to(d1))

    return forward
