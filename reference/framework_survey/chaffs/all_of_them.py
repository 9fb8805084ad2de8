"""All frameworks are listed, not only k of them.

Caught by:
    test_most_used.py::test_at_most_k
"""


# %% solve_most_used
def most_used(table, frameworks, roles, k):
    best = {}
    for number, role in enumerate(roles):
        used = [i for i in range(len(frameworks)) if table[i, number] > 0]
        best[role] = [frameworks[i] for i in sorted(used, key=lambda i: table[i, number], reverse=True)]
    return best
