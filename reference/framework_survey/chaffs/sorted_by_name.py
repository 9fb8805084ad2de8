"""Rows are in the order of the alphabet.

Caught by:
    test_count_people.py::test_order_of_the_lists
"""


# %% solve_count_people
def count_people(rows, frameworks, roles):
    counts = np.zeros((len(frameworks), len(roles)), dtype=int)
    for _, role, framework in rows:
        if role in roles and framework in frameworks:
            counts[sorted(frameworks).index(framework), roles.index(role)] += 1
    return counts
