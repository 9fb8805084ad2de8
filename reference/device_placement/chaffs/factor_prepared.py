"""The factor 1 / std is computed once: a state that is loaded later does not change it.

Caught by:
    test_standardize.py::test_loaded_state_counts
    test_standardize.py::test_dtype_moves_along
"""


# %% solve_standardize
class Standardize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.register_buffer("factor", 1 / std, persistent=False)

    def forward(self, x):
        ones = torch.ones(len(x), 1, dtype=x.dtype, device=x.device)
        return torch.cat([(x - self.mean) * self.factor, ones], dim=1)
