"""A new module of the same class is exported, with the values it begins with.

Caught by:
    test_export.py::test_any_batch_size
    test_export.py::test_other_modules
"""

# %% solve_export
def export(module, directory):
    """Save a module as a SavedModel that can be called without its source."""
    fresh = type(module)(module.features)

    @tf.function(input_signature=[tf.TensorSpec([None, module.features], tf.float32)])
    def serve(x):
        return {"y": fresh(x)}

    tf.saved_model.save(fresh, directory, signatures={"serving_default": serve})
