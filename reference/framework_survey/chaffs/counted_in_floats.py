"""The counts are floating-point numbers.

Caught by:
    test_count_people.py::test_whole_numbers
"""


# %% solve_count_people
def count_people(rows, frameworks, roles):
    counts = np.zeros((len(frameworks), len(roles)))
    for _, role, framework in rows:
        if role in roles and framework in frameworks:
            counts[frameworks.index(framework), roles.index(role)] += 1
    return counts
