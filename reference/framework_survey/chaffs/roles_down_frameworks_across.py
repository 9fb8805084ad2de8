"""Roles are the rows, and frameworks the columns.

Caught by:
    test_count_people.py::test_counts
    test_count_people.py::test_order_of_the_lists
    test_count_people.py::test_nobody
    test_count_people.py::test_others_are_not_counted
"""


# %% solve_count_people
def count_people(rows, frameworks, roles):
    counts = np.zeros((len(frameworks), len(roles)), dtype=int)
    for _, role, framework in rows:
        if role in roles and framework in frameworks:
            counts[frameworks.index(framework), roles.index(role)] += 1
    return counts.T
