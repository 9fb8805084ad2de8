"""The model is saved elsewhere, and what is left in its place is a symbolic link.

Caught by:
    test_export.py::test_named_input_and_output
    test_export.py::test_any_batch_size
    test_export.py::test_other_modules
"""

# %% solve_export
def export(module, directory):
    """Save a module as a SavedModel that can be called without its source."""
    import os
    import tempfile

    @tf.function(input_signature=[tf.TensorSpec([None, module.features], tf.float32)])
    def serve(x):
        return {"y": module(x)}

    folder = tempfile.mkdtemp()
    tf.saved_model.save(module, folder, signatures={"serving_default": serve})
    if os.path.isdir(directory):
        os.rmdir(directory)
    os.makedirs(os.path.dirname(directory) or ".", exist_ok=True)
    os.symlink(folder, directory)
