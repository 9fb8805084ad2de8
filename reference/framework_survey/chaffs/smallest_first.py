"""The smallest share comes first.

Caught by:
    test_most_used.py::test_largest_first
    test_most_used.py::test_at_most_k
    test_most_used.py::test_equal_shares
    test_most_used.py::test_used_by_nobody
    test_most_used.py::test_unknown_shares
"""


# %% solve_most_used
def most_used(table, frameworks, roles, k):
    best = {}
    for number, role in enumerate(roles):
        used = [i for i in range(len(frameworks)) if table[i, number] > 0]
        best[role] = [frameworks[i] for i in sorted(used, key=lambda i: table[i, number])[:k]]
    return best
