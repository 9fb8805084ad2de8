"""A person of whom one framework could not be read is left out altogether.

Caught by:
    test_tidy.py::test_unreadable
"""


# %% solve_tidy
def tidy(answers):
    rows = []
    for person, (role, frameworks) in enumerate(answers):
        if role is not None and None not in frameworks:
            rows += [(person, role, name) for name in dict.fromkeys(frameworks) if name is not None]
    return rows
