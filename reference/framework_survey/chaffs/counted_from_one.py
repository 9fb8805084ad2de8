"""People are numbered from 1.

Caught by:
    test_tidy.py::test_one_row_for_each_fact
    test_tidy.py::test_named_twice
    test_tidy.py::test_numbers_of_people
"""


# %% solve_tidy
def tidy(answers):
    rows = []
    for person, (role, frameworks) in enumerate(answers, 1):
        if role is not None:
            rows += [(person, role, name) for name in dict.fromkeys(frameworks) if name is not None]
    return rows
