"""to_tflite writes a file and returns its name.

Caught by:
    test_tflite.py::test_a_model_of_floats
    test_tflite.py::test_the_same_numbers_as_the_model
"""


# %% solve_tflite
def to_tflite(model):
    """Convert a Keras model to TensorFlow Lite, without quantization."""
    path = Path(tempfile.mkdtemp(), "model.tflite")
    path.write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    return str(path)


def run_tflite(blob, batch):
    """Run a TensorFlow Lite model on a batch."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=blob)
    (given,), (wanted,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.resize_tensor_input(given["index"], batch.shape)
    interpreter.allocate_tensors()
    if given["dtype"] == np.int8:
        scale, zero_point = given["quantization"]
        batch = np.clip(np.round(batch / scale) + zero_point, -128, 127).astype(np.int8)
    interpreter.set_tensor(given["index"], batch)
    interpreter.invoke()
    result = interpreter.get_tensor(wanted["index"])
    if wanted["dtype"] == np.int8:
        scale, zero_point = wanted["quantization"]
        result = scale * (result.astype(np.float32) - zero_point)
    return result
