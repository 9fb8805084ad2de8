"""The samples are gone through once to look at them: a generator is empty then.

Caught by:
    test_to_int8.py::test_a_generator
"""


# %% solve_to_int8
def to_int8(model, samples):
    """Convert a Keras model to TensorFlow Lite with 8-bit integers only."""
    largest = max(float(np.abs(sample).max()) for sample in samples)
    assert np.isfinite(largest)
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()
