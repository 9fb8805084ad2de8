"""TensorFlow Lite and LiteRT."""

from __future__ import annotations

from tests.facts.fact import fact

INT8 = "autograder/graders/ecosystem/test_to_int8.py"
TFLITE = "autograder/graders/ecosystem/test_tflite.py"
ORACLES = "autograder/graders/ecosystem/oracles.py"
ARTIFACTS = "autograder/grading/clean_room/artifacts.py"
PAGE = "docs/sprints/ecosystem.md"


@fact(
    "tensorflow_cpu",
    "ai-edge-litert",
    rests={INT8: "check_range allows the zero point 1.5 either way", ORACLES: "quantize adds the zero point"},
)
def test_a_symmetric_range_has_zero_point_minus_one():
    """Full-integer quantization of samples between -1 and 1 gives the input the zero point -1, not 0, and a scale of 2
    / 255: the 256 integers have no middle."""
    import numpy as np
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    module = tf.Module()
    module.w = tf.constant(np.linspace(-1, 1, 8, dtype="float32").reshape(2, 4))
    f = tf.function(lambda x: x @ module.w, input_signature=[tf.TensorSpec([1, 2])])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([f.get_concrete_function()], module)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: [[np.array([[-1.0, 1.0]], "float32")]]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    (taken,) = Interpreter(model_content=converter.convert()).get_input_details()
    scale, zero_point = taken["quantization"]
    assert (round(scale * 255, 3), zero_point) == (2.0, -1)


@fact(
    "tensorflow_cpu",
    "ai-edge-litert",
    rests={
        INT8: "test_integers_throughout has 10,240 weights in its first layer",
        TFLITE: "test_the_same_numbers_as_the_model has 65,536, enough for a converter to quantize",
    },
)
def test_small_kernels_stay_float():
    """With optimizations and without samples, the converter quantizes kernels of 1,024 numbers and more; smaller ones
    stay float, without a word."""
    import numpy as np
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    def kinds(n):
        module = tf.Module()
        module.w = tf.constant(np.linspace(-1, 1, n * n, dtype="float32").reshape(n, n))
        f = tf.function(lambda x: x @ module.w, input_signature=[tf.TensorSpec([1, n])])
        converter = tf.lite.TFLiteConverter.from_concrete_functions([f.get_concrete_function()], module)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        details = Interpreter(model_content=converter.convert()).get_tensor_details()
        return {np.dtype(about["dtype"]).name for about in details}

    assert kinds(31) == {"float32"}
    assert kinds(32) == {"float32", "int8"}


@fact(
    "tensorflow_cpu",
    "ai-edge-litert",
    rests={
        TFLITE: "models have one input, so that no order matters",
        ARTIFACTS: "a batch is a list of inputs in the model's own order",
    },
)
def test_the_order_of_two_inputs():
    """The inputs of a converted model are in the order of their names, not of the function's arguments: z, a become a,
    z."""
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    signature = [tf.TensorSpec([1, 2], name="z"), tf.TensorSpec([1, 3], name="a")]
    f = tf.function(lambda z, a: tf.concat([z, a], 1), input_signature=signature)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([f.get_concrete_function()], tf.Module())
    inputs = Interpreter(model_content=converter.convert()).get_input_details()
    assert [list(about["shape"]) for about in inputs] == [[1, 3], [1, 2]]


@fact(
    "tensorflow_cpu",
    "ai-edge-litert",
    "keras",
    rests={PAGE: "told under What may surprise you", TFLITE: "test_the_same_numbers_as_the_model"},
)
def test_the_weights_of_a_keras_model_get_lost():
    """from_concrete_functions([f], model) with a Keras 3 model converts without complaint, and the model does not
    compute what it did: its weights are not those of the Keras model."""
    import keras
    import numpy as np
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
    f = tf.function(lambda x: model(x)).get_concrete_function(tf.TensorSpec([1, 2]))
    blob = tf.lite.TFLiteConverter.from_concrete_functions([f], model).convert()
    interpreter = Interpreter(model_content=blob)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], np.ones((1, 2), "float32"))
    interpreter.invoke()
    (answer,) = interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).ravel()
    assert not np.isclose(answer, 2.0)


@fact(
    "tensorflow_cpu",
    "ai-edge-litert",
    rests={TFLITE: "test_runs_any_batch: resize_tensor_input and then allocate_tensors"},
)
def test_a_free_batch_size_must_be_resized():
    """A model whose batch size is free still takes one row until its input is resized, and float64 is refused; the
    shape says 1, and only shape_signature says -1."""
    import numpy as np
    import pytest
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    f = tf.function(lambda x: 2.0 * x, input_signature=[tf.TensorSpec([None, 2])])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([f.get_concrete_function()], tf.Module())
    interpreter = Interpreter(model_content=converter.convert())
    interpreter.allocate_tensors()
    (about,) = interpreter.get_input_details()
    assert (list(about["shape"]), list(about["shape_signature"])) == ([1, 2], [-1, 2])
    for x in (np.ones((3, 2), "float32"), np.ones((1, 2))):
        with pytest.raises(ValueError, match="Cannot set tensor"):
            interpreter.set_tensor(about["index"], x)
