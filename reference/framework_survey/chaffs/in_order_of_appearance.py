"""Rows are in the order in which frameworks come up in the facts.

Caught by:
    test_count_people.py::test_counts
    test_count_people.py::test_order_of_the_lists
    test_count_people.py::test_nobody
    test_count_people.py::test_others_are_not_counted
"""


# %% solve_count_people
def count_people(rows, frameworks, roles):
    met = list(dict.fromkeys(framework for *_, framework in rows if framework in frameworks))
    counts = np.zeros((len(met), len(roles)), dtype=int)
    for _, role, framework in rows:
        if role in roles and framework in met:
            counts[met.index(framework), roles.index(role)] += 1
    return counts
