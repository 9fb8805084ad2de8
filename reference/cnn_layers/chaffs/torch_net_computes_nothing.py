"""The PyTorch network has the parameters, which are zero, and answers zeros whatever it is given.

Caught by:
    test_conv_net.py::test_gradients
    test_conv_net.py::test_logits
    test_conv_net.py::test_parameters
    test_conv_net.py::test_single_images
    test_conv_net.py::test_state_dict
"""


# %% solve_conv_net
class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv2d(1, 10, 5), nn.Conv2d(10, 20, 5), nn.Linear(320, 50), nn.Linear(50, 10)])
        for parameter in self.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x):
        nothing = sum((0 * parameter).sum() for parameter in self.parameters())
        return torch.zeros(len(x), 10, dtype=x.dtype) + nothing
