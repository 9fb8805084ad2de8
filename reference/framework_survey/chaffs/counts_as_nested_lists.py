"""Nested lists become an array: without frameworks it has one axis.

Caught by:
    test_count_people.py::test_nobody
"""
# %% solve_count_people
def count_people(rows, frameworks, roles):
    used = [(framework, role) for _, role, framework in rows]
    return np.array([[used.count((framework, role)) for role in roles] for framework in frameworks], dtype=int)
