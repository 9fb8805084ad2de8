"""There is one row for each person, with the list of frameworks in it.

Caught by:
    test_tidy.py::test_one_row_for_each_fact
    test_tidy.py::test_named_twice
    test_tidy.py::test_unreadable
    test_tidy.py::test_numbers_of_people
    test_tidy.py::test_answers_are_not_changed
"""


# %% solve_tidy
def tidy(answers):
    return [(person, role, names) for person, (role, names) in enumerate(answers) if role is not None]
