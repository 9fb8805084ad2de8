"""A framework that nobody uses is listed, at the end.

Caught by:
    test_most_used.py::test_used_by_nobody
"""


# %% solve_most_used
def most_used(table, frameworks, roles, k):
    best = {}
    for number, role in enumerate(roles):
        used = [i for i in range(len(frameworks)) if table[i, number] >= 0]
        best[role] = [frameworks[i] for i in sorted(used, key=lambda i: table[i, number], reverse=True)[:k]]
    return best
