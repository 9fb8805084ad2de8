"""To divide by it, 0 is replaced by 1 in the array that came in.

Caught by:
    test_shares.py::test_counts_are_not_changed
"""


# %% solve_shares
def shares(counts, people):
    nobody = people == 0
    people[nobody] = 1
    table = counts / people
    table[:, nobody] = np.nan
    return table
