"""When nobody of one role was asked, all shares are nan.

Caught by:
    test_shares.py::test_nobody_was_asked
"""


# %% solve_shares
def shares(counts, people):
    somebody = np.asarray(people) > 0
    return np.where(somebody.all(), counts / np.where(somebody, people, 1), np.nan)
