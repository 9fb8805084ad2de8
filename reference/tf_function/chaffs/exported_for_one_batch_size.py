"""The signature was recorded for four rows.

Caught by:
    test_export.py::test_any_batch_size
"""

# %% solve_export
def export(module, directory):
    """Save a module as a SavedModel that can be called without its source."""

    @tf.function
    def serve(x):
        return {"y": module(x)}

    graph = serve.get_concrete_function(tf.TensorSpec([4, module.features], tf.float32, name="x"))
    tf.saved_model.save(module, directory, signatures={"serving_default": graph})
