"""What is false is left out, and the empty text is.

Caught by:
    test_tidy.py::test_unreadable
"""
# %% solve_tidy
def tidy(answers):
    rows = []
    for person, (role, frameworks) in enumerate(answers):
        if not role:
            continue
        for framework in dict.fromkeys(filter(None, frameworks)):
            rows.append((person, role, framework))
    return rows
