"""Mean and deviation are plain attributes: they stay behind and are not saved.

Caught by:
    test_standardize.py::test_moves_as_a_whole
    test_standardize.py::test_state
    test_standardize.py::test_loaded_state_counts
    test_torch_on_gpu.py::test_module_on_the_gpu
"""


# %% solve_standardize
class Standardize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.mean = mean
        self.std = std

    def forward(self, x):
        ones = torch.ones(len(x), 1, dtype=x.dtype, device=x.device)
        return torch.cat([(x - self.mean) / self.std, ones], dim=1)
