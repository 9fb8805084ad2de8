"""What could not be read is removed from the lists that came in.

Caught by:
    test_tidy.py::test_answers_are_not_changed
"""


# %% solve_tidy
def tidy(answers):
    rows = []
    for person, (role, frameworks) in enumerate(answers):
        while None in frameworks:
            frameworks.remove(None)
        if role is not None:
            rows += [(person, role, name) for name in dict.fromkeys(frameworks)]
    return rows
