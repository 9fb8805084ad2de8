"""The column of ones stands before the others.

Caught by:
    test_standardize.py::test_forward
    test_standardize.py::test_loaded_state_counts
    test_standardize.py::test_dtype_moves_along
    test_torch_on_gpu.py::test_module_on_the_gpu
"""


# %% solve_standardize
class Standardize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def forward(self, x):
        ones = torch.ones(len(x), 1, dtype=x.dtype, device=x.device)
        return torch.cat([ones, (x - self.mean) / self.std], dim=1)
