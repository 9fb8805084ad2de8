"""export makes the folder, and fails where it is there already.

Caught by:
    test_export.py::test_any_batch_size
"""

# %% solve_export
def export(module, directory):
    """Save a module as a SavedModel that can be called without its source.

    Parameters
    ----------
    module : a tf.Module with `features` (int), called with float32 (n, features), gives float32 (n,); its `__call__`
        is a plain method or a tf.function. Not only a Regression.
    directory : str, the folder; it is made if it is not there.

    The SavedModel has the signature "serving_default" with one input "x", float32 (n, features) for any n, and one
    output "y", float32 (n,). Its variables have the values that they have now. What else you save, and what you
    return, is your choice; in the folder are regular files, no links, of 60 MB at most altogether.
    """
    import os

    os.makedirs(directory)

    @tf.function(input_signature=[tf.TensorSpec([None, module.features], tf.float32)])
    def serve(x):
        return {"y": module(x)}

    tf.saved_model.save(module, directory, signatures={"serving_default": serve})
