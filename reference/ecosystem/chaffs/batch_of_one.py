"""The signature takes one row and no more.

Caught by:
    test_export_saved_model.py::test_answers_elsewhere
"""


# %% solve_export_saved_model
def export_saved_model(model, base):
    """Export a Keras model as the next version for TensorFlow Serving."""
    taken = [int(path.name) for path in Path(base).glob("*") if path.name.isdecimal()]
    version = max(taken, default=0) + 1
    module = tf.Module()
    module.variables_of_the_model = [v.value for v in model.variables]
    spec = tf.TensorSpec([1, *model.input_shape[1:]], tf.float32, name="x")
    module.call = tf.function(lambda x: model(x, training=False), input_signature=[spec])
    tf.saved_model.save(module, f"{base}/{version}", signatures=module.call)
    return version
