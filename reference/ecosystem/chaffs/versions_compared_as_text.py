"""The largest version is the last in the alphabet.

Caught by:
    test_export_saved_model.py::test_next_version
"""


# %% solve_export_saved_model
def export_saved_model(model, base):
    """Export a Keras model as the next version for TensorFlow Serving."""
    taken = [int(path.name) for path in Path(base).glob("*") if path.name.isdecimal()]
    version = int(max(map(str, taken), default=0)) + 1
    model.export(f"{base}/{version}")
    return version
