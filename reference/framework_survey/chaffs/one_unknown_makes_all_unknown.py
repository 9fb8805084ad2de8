"""When nobody of one role was asked, all shares are nan.

Caught by:
    test_shares.py::test_nobody_was_asked
"""


# %% solve_shares
def shares(counts, people):
    with np.errstate(invalid="ignore"):  # 0 / 0 is nan, which is what we mean
        return counts / people if np.all(people) else np.full(counts.shape, np.nan)
