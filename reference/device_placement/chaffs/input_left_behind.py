"""The input must be on the first device already.

Caught by:
    test_split_forward.py::test_input_from_anywhere
"""


# %% solve_split_forward
def split_forward(net, d0, d1):
    first, second = net[: len(net) // 2].to(d0), net[len(net) // 2 :].to(d1)

    def forward(x):
        return second(first(x).to(d1))

    return forward
