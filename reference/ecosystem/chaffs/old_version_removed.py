"""The version before is taken away: nothing to go back to.

Caught by:
    test_export_saved_model.py::test_old_versions_stay
"""


# %% solve_export_saved_model
def export_saved_model(model, base):
    """Export a Keras model as the next version for TensorFlow Serving."""
    taken = [int(path.name) for path in Path(base).glob("*") if path.name.isdecimal()]
    version = max(taken, default=0) + 1
    shutil.rmtree(f"{base}/{version - 1}", ignore_errors=True)
    model.export(f"{base}/{version}")
    return version
