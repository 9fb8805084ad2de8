"""Both go into one folder under one tag: the curves run into each other.

Caught by:
    test_log_history.py::test_two_runs
    test_log_history.py::test_the_same_tags_in_both
    test_log_history.py::test_steps_are_epochs
    test_log_history.py::test_without_validation_data
"""


# %% solve_log_history
def log_history(logdir, history):
    """Write the history of a training as two runs of TensorBoard's."""
    for name, values in history.items():
        log_scalars(logdir, {name.removeprefix("val_"): list(enumerate(values))})
