"""A gigabyte of data is saved along with the model, which is more than is taken.

Caught by:
    test_export.py::test_named_input_and_output
    test_export.py::test_any_batch_size
    test_export.py::test_other_modules
"""

# %% solve_export
def export(module, directory):
    """Save a module as a SavedModel that can be called without its source."""
    import os

    @tf.function(input_signature=[tf.TensorSpec([None, module.features], tf.float32)])
    def serve(x):
        return {"y": module(x)}

    tf.saved_model.save(module, directory, signatures={"serving_default": serve})
    extra = os.path.join(directory, "assets.extra")
    os.makedirs(extra)
    for part in range(5):
        with open(os.path.join(extra, f"data-{part}.npy"), "wb") as file:
            file.truncate(200 * 2**20)
