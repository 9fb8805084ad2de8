"""A ReLU after the last layer: negative logits are lost.

Caught by:
    test_conv_net.py::test_logits
    test_conv_net.py::test_gradients
"""

# %% solve_conv_net
class ConvNet(nn.Module):
    """The network of the table above: float (n, 1, 28, 28) -> logits (n, 10), for any n, also 1."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, 5)
        self.conv2 = nn.Conv2d(10, 20, 5)
        self.fc1 = nn.Linear(320, 50)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return F.relu(self.fc2(F.relu(self.fc1(x.flatten(1)))))
