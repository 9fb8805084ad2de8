"""The layers are kept in a Python list, which hides their parameters.

Caught by:
    test_conv_net.py::test_parameters
    test_conv_net.py::test_logits
    test_conv_net.py::test_gradients
    test_conv_net.py::test_state_dict
"""

# %% solve_conv_net
class ConvNet(nn.Module):
    """The network of the table above: float (n, 1, 28, 28) -> logits (n, 10), for any n, also 1."""

    def __init__(self):
        super().__init__()
        self.layers = [nn.Conv2d(1, 10, 5), nn.Conv2d(10, 20, 5), nn.Linear(320, 50), nn.Linear(50, 10)]

    def forward(self, x):
        conv1, conv2, fc1, fc2 = self.layers
        x = F.max_pool2d(F.relu(conv1(x)), 2)
        x = F.max_pool2d(F.relu(conv2(x)), 2)
        return fc2(F.relu(fc1(x.flatten(1))))
