"""The model computes with integers, but takes and gives floats.

Caught by:
    test_to_int8.py::test_integers_throughout
    test_to_int8.py::test_every_sample_counts
    test_to_int8.py::test_a_generator
    test_to_int8.py::test_answers_with_integers
"""


# %% solve_to_int8
def to_int8(model, samples):
    """Convert a Keras model to TensorFlow Lite with 8-bit integers only."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    return converter.convert()
