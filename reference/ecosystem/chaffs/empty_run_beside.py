"""A writer for the validation run is made whether there is anything for it or not.

Caught by:
    test_log_history.py::test_without_validation_data
"""


# %% solve_log_history
def log_history(logdir, history):
    """Write the history of a training as two runs of TensorBoard's."""
    runs = {"train": {}, "validation": {}}
    for name, values in history.items():
        run = "validation" if name.startswith("val_") else "train"
        runs.setdefault(run, {})[name.removeprefix("val_")] = list(enumerate(values))
    for run, series in runs.items():
        log_scalars(f"{logdir}/{run}", series)
