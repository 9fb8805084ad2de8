"""The share of a role that nobody has is 0.

Caught by:
    test_shares.py::test_nobody_was_asked
"""


# %% solve_shares
def shares(counts, people):
    somebody = np.asarray(people) > 0
    return np.where(somebody, counts / np.where(somebody, people, 1), 0.0)
