"""People whose role could not be read are there, without one.

Caught by:
    test_tidy.py::test_unreadable
    test_tidy.py::test_numbers_of_people
"""


# %% solve_tidy
def tidy(answers):
    rows = []
    for person, (role, frameworks) in enumerate(answers):
        rows += [(person, role, name) for name in dict.fromkeys(frameworks) if name is not None]
    return rows
