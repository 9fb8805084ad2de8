"""The shares of a role add up to 1: they are shares of all mentions.

Caught by:
    test_shares.py::test_of_the_people_of_a_role
    test_shares.py::test_nobody_was_asked
"""


# %% solve_shares
def shares(counts, people):
    mentions = counts.sum(axis=0)
    return np.where(mentions > 0, counts / np.where(mentions > 0, mentions, 1), np.nan)
