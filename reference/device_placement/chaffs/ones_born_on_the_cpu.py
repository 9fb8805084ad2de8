"""forward makes its column of ones on the CPU.

Caught by:
    test_standardize.py::test_moves_as_a_whole
    test_torch_on_gpu.py::test_module_on_the_gpu
"""


# %% solve_standardize
class Standardize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def forward(self, x):
        return torch.cat([(x - self.mean) / self.std, torch.ones(len(x), 1)], dim=1)
