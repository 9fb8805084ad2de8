"""The module is saved as it is: nothing has been traced, so there is nothing to call.

Caught by:
    test_export.py::test_named_input_and_output
    test_export.py::test_any_batch_size
    test_export.py::test_other_modules
"""

# %% solve_export
def export(module, directory):
    """Save a module as a SavedModel that can be called without its source."""
    tf.saved_model.save(module, directory)
