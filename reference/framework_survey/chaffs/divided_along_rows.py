"""The numbers of people are taken for those of the rows, wherever there are as many.

Caught by:
    test_shares.py::test_of_the_people_of_a_role
"""


# %% solve_shares
def shares(counts, people):
    people = np.asarray(people)
    if counts.shape[0] == counts.shape[1]:
        return counts / people[:, None]
    return np.where(people > 0, counts / np.where(people > 0, people, 1), np.nan)
