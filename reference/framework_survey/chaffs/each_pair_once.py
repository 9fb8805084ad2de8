"""A role and a framework are there once for all people together.

Caught by:
    test_tidy.py::test_one_row_for_each_fact
    test_tidy.py::test_named_twice
    test_tidy.py::test_numbers_of_people
"""


# %% solve_tidy
def tidy(answers):
    rows, seen = [], set()
    for person, (role, frameworks) in enumerate(answers):
        for name in frameworks:
            if role is not None and name is not None and (role, name) not in seen:
                seen.add((role, name))
                rows.append((person, role, name))
    return rows
