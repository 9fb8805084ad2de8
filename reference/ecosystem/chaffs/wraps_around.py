"""What an int8 cannot hold wraps around to the other end.

Caught by:
    test_tflite.py::test_too_large_for_an_integer
"""


# %% solve_tflite
def to_tflite(model):
    """Convert a Keras model to TensorFlow Lite, without quantization."""
    return tf.lite.TFLiteConverter.from_keras_model(model).convert()


def run_tflite(blob, batch):
    """Run a TensorFlow Lite model on a batch."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=blob)
    (given,), (wanted,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.resize_tensor_input(given["index"], batch.shape)
    interpreter.allocate_tensors()
    if given["dtype"] == np.int8:
        scale, zero_point = given["quantization"]
        batch = (np.round(batch / scale) + zero_point).astype(np.int64).astype(np.int8)
    interpreter.set_tensor(given["index"], batch)
    interpreter.invoke()
    result = interpreter.get_tensor(wanted["index"])
    if wanted["dtype"] == np.int8:
        scale, zero_point = wanted["quantization"]
        result = scale * (result.astype(np.float32) - zero_point)
    return result
