"""A share that is nan is listed.

Caught by:
    test_most_used.py::test_unknown_shares
"""


# %% solve_most_used
def most_used(table, frameworks, roles, k):
    best = {}
    for number, role in enumerate(roles):
        used = [i for i in range(len(frameworks)) if table[i, number] != 0]
        best[role] = [frameworks[i] for i in sorted(used, key=lambda i: table[i, number], reverse=True)[:k]]
    return best
