"""The quantized model takes one row and no more.

Caught by:
    test_to_int8.py::test_answers_with_integers
"""


# %% solve_to_int8
def to_int8(model, samples):
    """Convert a Keras model to TensorFlow Lite with 8-bit integers only."""
    spec = tf.TensorSpec([1, model.input_shape[1]], tf.float32)
    call = tf.function(lambda x: tf.reshape(model(x, training=False), [1, -1]), input_signature=[spec])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([call.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()
