"""The graph is saved without a signature: no server finds it.

Caught by:
    test_export_saved_model.py::test_answers_elsewhere
    test_export_saved_model.py::test_old_versions_stay
"""


# %% solve_export_saved_model
def export_saved_model(model, base):
    """Export a Keras model as the next version for TensorFlow Serving."""
    taken = [int(path.name) for path in Path(base).glob("*") if path.name.isdecimal()]
    version = max(taken, default=0) + 1
    module = tf.Module()
    module.variables_of_the_model = [v.value for v in model.variables]
    spec = tf.TensorSpec(model.input_shape, tf.float32, name="x")
    module.call = tf.function(lambda x: model(x, training=False), input_signature=[spec])
    module.best = tf.function(lambda x: tf.argmax(model(x, training=False), axis=1), input_signature=[spec])
    tf.saved_model.save(module, f"{base}/{version}")
    return version
