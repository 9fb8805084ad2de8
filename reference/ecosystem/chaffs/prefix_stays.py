"""The tags of the validation run keep their prefix: two charts with one curve each.

Caught by:
    test_log_history.py::test_the_same_tags_in_both
"""


# %% solve_log_history
def log_history(logdir, history):
    """Write the history of a training as two runs of TensorBoard's."""
    runs = {}
    for name, values in history.items():
        run = "validation" if name.startswith("val_") else "train"
        runs.setdefault(run, {})[name] = list(enumerate(values))
    for run, series in runs.items():
        log_scalars(f"{logdir}/{run}", series)
