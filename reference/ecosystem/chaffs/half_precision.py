"""The weights are kept in sixteen bits, and nothing is an integer.

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
    converter.target_spec.supported_types = [tf.float16]
    return converter.convert()
