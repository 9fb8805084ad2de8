"""A framework that a person named twice is there twice.

Caught by:
    test_tidy.py::test_named_twice
"""


# %% solve_tidy
def tidy(answers):
    rows = []
    for person, (role, frameworks) in enumerate(answers):
        if role is not None:
            rows += [(person, role, name) for name in frameworks if name is not None]
    return rows
