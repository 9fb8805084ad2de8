"""A framework that could not be read is one of the rows.

Caught by:
    test_tidy.py::test_unreadable
    test_tidy.py::test_numbers_of_people
"""


# %% solve_tidy
def tidy(answers):
    rows = []
    for person, (role, frameworks) in enumerate(answers):
        if role is not None:
            rows += [(person, role, name) for name in dict.fromkeys(frameworks)]
    return rows
