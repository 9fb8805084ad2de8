"""What is exported is rebuilt from w and b, which other modules do not have.

Caught by:
    test_export.py::test_other_modules
"""

# %% solve_export
def export(module, directory):
    """Save a module as a SavedModel that can be called without its source."""

    @tf.function(input_signature=[tf.TensorSpec([None, module.features], tf.float32)])
    def serve(x):
        return {"y": tf.linalg.matvec(x, module.w) + module.b}

    tf.saved_model.save(module, directory, signatures={"serving_default": serve})
