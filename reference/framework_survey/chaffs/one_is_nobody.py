"""One person alone is taken for nobody.

Caught by:
    test_shares.py::test_of_the_people_of_a_role
"""


# %% solve_shares
def shares(counts, people):
    with np.errstate(invalid="ignore"):  # 0 / 0 is nan, which is what we mean
        return np.where(people > 1, counts / people, np.nan)
