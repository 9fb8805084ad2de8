"""A name that is not in its list counts for the last one in it.

Caught by:
    test_count_people.py::test_others_are_not_counted
"""


# %% solve_count_people
def count_people(rows, frameworks, roles):
    counts = np.zeros((len(frameworks), len(roles)), dtype=int)
    place = {name: i for i, name in enumerate(frameworks)}
    column = {name: j for j, name in enumerate(roles)}
    for _, role, framework in rows:
        counts[place.get(framework, -1), column.get(role, -1)] += 1
    return counts
