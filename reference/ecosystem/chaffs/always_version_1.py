"""Every export is version 1, over the one before.

Caught by:
    test_export_saved_model.py::test_next_version
    test_export_saved_model.py::test_old_versions_stay
"""


# %% solve_export_saved_model
def export_saved_model(model, base):
    """Export a Keras model as the next version for TensorFlow Serving."""
    taken = [int(path.name) for path in Path(base).glob("*") if path.name.isdecimal()]
    version = 1
    model.export(f"{base}/{version}")
    return version
