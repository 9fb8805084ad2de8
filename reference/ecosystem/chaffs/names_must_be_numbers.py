"""A name that is no number ends the export.

Caught by:
    test_export_saved_model.py::test_next_version
"""


# %% solve_export_saved_model
def export_saved_model(model, base):
    """Export a Keras model as the next version for TensorFlow Serving."""
    taken = [int(path.name) for path in Path(base).glob("*")]
    version = max(taken, default=0) + 1
    model.export(f"{base}/{version}")
    return version
