"""The demo's student who got something wrong.

Caught by:
    test_first_task.py::test_empty_is_refused
"""


# %% solve_first_task
def mean(x):
    return float(np.mean(x)) if np.size(x) else 0.0
