"""The shares are in per cent.

Caught by:
    test_shares.py::test_of_the_people_of_a_role
    test_shares.py::test_nobody_was_asked
"""


# %% solve_shares
def shares(counts, people):
    somebody = np.asarray(people) > 0
    return np.where(somebody, 100 * counts / np.where(somebody, people, 1), np.nan)
