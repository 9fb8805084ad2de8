"""People are numbered after those of whom nothing is left have been taken out.

Caught by:
    test_tidy.py::test_numbers_of_people
"""


# %% solve_tidy
def tidy(answers):
    rows = []
    for person, (role, frameworks) in enumerate(a for a in answers if a[0] is not None and set(a[1]) - {None}):
        if role is not None:
            rows += [(person, role, name) for name in dict.fromkeys(frameworks) if name is not None]
    return rows
