"""The first epoch is 1.

Caught by:
    test_log_history.py::test_steps_are_epochs
"""


# %% solve_log_history
def log_history(logdir, history):
    """Write the history of a training as two runs of TensorBoard's."""
    runs = {}
    for name, values in history.items():
        run = "validation" if name.startswith("val_") else "train"
        runs.setdefault(run, {})[name.removeprefix("val_")] = list(enumerate(values, 1))
    for run, series in runs.items():
        log_scalars(f"{logdir}/{run}", series)
