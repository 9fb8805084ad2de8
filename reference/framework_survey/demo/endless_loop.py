"""The demo's student whose loop never ends.

Caught by:
    test_first_task.py::test_empty_is_refused
"""


# %% solve_first_task
def mean(x):
    while np.size(x) == 0:
        pass
    return float(np.mean(x))
