"""The demo's student who waits until nobody has the version he wants.

Caught by:
    test_export_saved_model.py::test_next_version
    test_export_saved_model.py::test_old_versions_stay
"""


# %% solve_export_saved_model
def export_saved_model(model, base):
    """Export a Keras model as the next version for TensorFlow Serving."""
    version = 1
    while Path(base, str(version)).exists():
        continue
    model.export(f"{base}/{version}")
    return version
