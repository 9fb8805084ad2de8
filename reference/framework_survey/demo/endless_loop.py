"""The demo's student whose loop never ends when fewer than k frameworks are used, and who has written one sentence.

Caught by:
    test_most_used.py::test_at_most_k
    test_most_used.py::test_equal_shares
    test_most_used.py::test_used_by_nobody
    test_most_used.py::test_unknown_shares
"""


# %% solve_most_used
def most_used(table, frameworks, roles, k):
    best = {}
    for number, role in enumerate(roles):
        chosen = []
        while len(chosen) < k:
            left = [i for i in range(len(frameworks)) if i not in chosen and table[i, number] > 0]
            if left:
                chosen.append(max(left, key=lambda i: table[i, number]))
        best[role] = [frameworks[i] for i in chosen]
    return best


# %% [markdown] what_the_chart_says
# scikit-learn is used most by data scientists, 16 of 21.


# %% [markdown] which_way
# Both ways have advantages and disadvantages, and it depends on the project.
