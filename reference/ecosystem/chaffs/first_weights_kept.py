"""The graph has the weights of the model's first export.

Caught by:
    test_export_saved_model.py::test_old_versions_stay
"""


# %% solve_export_saved_model
def export_saved_model(model, base):
    """Export a Keras model as the next version for TensorFlow Serving."""
    taken = [int(path.name) for path in Path(base).glob("*") if path.name.isdecimal()]
    version = max(taken, default=0) + 1
    if not hasattr(model, "frozen"):
        model.frozen = model.get_weights()
    now = model.get_weights()
    model.set_weights(model.frozen)
    module = tf.Module()
    module.variables_of_the_model = [v.value for v in model.variables]
    spec = tf.TensorSpec(model.input_shape, tf.float32, name="x")
    module.call = tf.function(lambda x: model(x, training=False), input_signature=[spec])
    tf.saved_model.save(module, f"{base}/{version}", signatures=module.call)
    model.set_weights(now)
    return version
