"""A fact about a name that is not in the lists ends in an exception.

Caught by:
    test_count_people.py::test_others_are_not_counted
"""


# %% solve_count_people
def count_people(rows, frameworks, roles):
    counts = np.zeros((len(frameworks), len(roles)), dtype=int)
    for _, role, framework in rows:
        counts[frameworks.index(framework), roles.index(role)] += 1
    return counts
