"""The buffers are not persistent: they move along but are in no state_dict.

Caught by:
    test_standardize.py::test_state
    test_standardize.py::test_loaded_state_counts
"""


# %% solve_standardize
class Standardize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", mean, persistent=False)
        self.register_buffer("std", std, persistent=False)

    def forward(self, x):
        ones = torch.ones(len(x), 1, dtype=x.dtype, device=x.device)
        return torch.cat([(x - self.mean) / self.std, ones], dim=1)
