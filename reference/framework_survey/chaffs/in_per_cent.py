"""The shares are in per cent.

Caught by:
    test_shares.py::test_of_the_people_of_a_role
    test_shares.py::test_nobody_was_asked
"""


# %% solve_shares
def shares(counts, people):
    with np.errstate(invalid="ignore"):  # 0 / 0 is nan, which is what we mean
        return 100 * counts / people
