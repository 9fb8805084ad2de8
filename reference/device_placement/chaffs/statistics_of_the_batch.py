"""forward takes mean and deviation of the batch instead of those it was given.

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
        z = (x - x.mean(dim=0)) / x.std(dim=0)
        return torch.cat([z, torch.ones(len(x), 1, dtype=x.dtype, device=x.device)], dim=1)
