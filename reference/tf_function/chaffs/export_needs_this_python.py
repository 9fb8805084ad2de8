"""The exported graph calls back into the Python of this notebook.

Caught by:
    test_export.py::test_any_batch_size
    test_export.py::test_other_modules
"""

# %% solve_export
def export(module, directory):
    """Save a module as a SavedModel that can be called without its source."""

    @tf.function(input_signature=[tf.TensorSpec([None, module.features], tf.float32)])
    def serve(x):
        return {"y": tf.ensure_shape(tf.py_function(module, [x], tf.float32), [None])}

    tf.saved_model.save(module, directory, signatures={"serving_default": serve})
