"""A role of which one share is nan has an empty list.

Caught by:
    test_most_used.py::test_unknown_shares
"""


# %% solve_most_used
def most_used(table, frameworks, roles, k):
    best = {}
    for number, role in enumerate(roles):
        used = [i for i in range(len(frameworks)) if table[i, number] > 0 and not np.isnan(table[:, number]).any()]
        best[role] = [frameworks[i] for i in sorted(used, key=lambda i: table[i, number], reverse=True)[:k]]
    return best
