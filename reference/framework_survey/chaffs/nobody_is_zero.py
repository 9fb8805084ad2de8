"""The share of a role that nobody has is 0.

Caught by:
    test_shares.py::test_nobody_was_asked
"""


# %% solve_shares
def shares(counts, people):
    with np.errstate(invalid="ignore"):  # 0 / 0 is nan, which is what we mean
        return np.nan_to_num(counts / people)
