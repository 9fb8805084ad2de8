"""Counts are divided by the number of all people in the survey.

Caught by:
    test_shares.py::test_of_the_people_of_a_role
    test_shares.py::test_nobody_was_asked
"""


# %% solve_shares
def shares(counts, people):
    with np.errstate(invalid="ignore"):  # 0 / 0 is nan, which is what we mean
        return counts / np.sum(people)
