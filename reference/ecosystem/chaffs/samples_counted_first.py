"""len(samples): a generator has none.

Caught by:
    test_to_int8.py::test_a_generator
"""


# %% solve_to_int8
def to_int8(model, samples):
    """Convert a Keras model to TensorFlow Lite with 8-bit integers only."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([samples[i][None]] for i in range(len(samples)))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()
