"""The output has no name of its own, so that TensorFlow calls it output_0.

Caught by:
    test_export.py::test_named_input_and_output
    test_export.py::test_any_batch_size
    test_export.py::test_other_modules
"""

# %% solve_export
def export(module, directory):
    """Save a module as a SavedModel that can be called without its source."""

    @tf.function(input_signature=[tf.TensorSpec([None, module.features], tf.float32)])
    def serve(x):
        return module(x)

    tf.saved_model.save(module, directory, signatures={"serving_default": serve})
