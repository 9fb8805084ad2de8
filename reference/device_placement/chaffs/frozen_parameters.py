"""Mean and deviation are parameters without a gradient, which optimizers get to see.

Caught by:
    test_standardize.py::test_nothing_is_trained
"""


# %% solve_standardize
class Standardize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.mean = nn.Parameter(mean, requires_grad=False)
        self.std = nn.Parameter(std, requires_grad=False)

    def forward(self, x):
        ones = torch.ones(len(x), 1, dtype=x.dtype, device=x.device)
        return torch.cat([(x - self.mean) / self.std, ones], dim=1)
