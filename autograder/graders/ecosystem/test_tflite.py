"""Hidden tests of task 5: the student's models run in the clean room, and models made there run by the student."""

import numpy as np
import pytest

from autograder.graders.ecosystem.oracles import (
    branched,
    check_as_made,
    close,
    converted,
    dequantize,
    floats,
    keras_model,
    network,
    quantize,
    set_weights,
    singles,
    small_model,
    unchanged,
    weights,
)
from autograder.grading import assert_close, check, is_a, probe, raises


@probe
def run_on_each(run_tflite, blob, batches):
    """What run_tflite returns of each batch, looked at after the last."""
    return [run_tflite(blob, x) for x in batches]


@pytest.mark.points(0.5)
@pytest.mark.example(
    "from ai_edge_litert.interpreter import Interpreter\n"
    "\n"
    'model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1, kernel_initializer="ones")])\n'
    "interpreter = Interpreter(model_content=to_tflite(model))\n"
    '[about["dtype"].__name__ for about in interpreter.get_input_details() + interpreter.get_output_details()]',
    gives=["float32", "float32"],
)
def test_a_model_of_floats(student, clean, rng):
    """to_tflite gives the bytes of a TensorFlow Lite model, which takes floats and gives floats.

    Hint: converter.convert() returns the bytes.
    """
    model, x, w, b = student.run(small_model, 5), singles(rng, 3, 5), singles(rng, 5, 1), singles(rng, 1)
    w, b = (part.astype(np.float16).astype(np.float32) for part in (w, b))  # how exact it is, another test asks
    student.to_tflite(model)
    student.run(set_weights, model, [w, b])  # as after some more training
    blob = student.to_tflite(model)
    check(is_a(blob, bytes), "a TensorFlow Lite model must come as bytes", got=blob)
    check(blob[4:8] == b"TFL3", "TFL3 must stand after the first four bytes", got=blob[:12])
    details = clean.tflite_details(blob)
    kinds = [about["dtype"] for about in details["inputs"] + details["outputs"]]
    check(kinds == ["float32", "float32"], "there must be one input and one output, both of float32", got=kinds)
    ((y, *_),) = clean.tflite(blob, [[x]])
    close(y, x @ w + b, "the answer of a model that has been trained on, with the weights that it has now")


@pytest.mark.points(1.5)
@pytest.mark.example(
    "from ai_edge_litert.interpreter import Interpreter\n"
    "\n"
    "lite = Interpreter(model_content=to_tflite(model))\n"
    "(given,), (wanted,) = lite.get_input_details(), lite.get_output_details()\n"
    'lite.resize_tensor_input(given["index"], [3, 64])\n'
    "lite.allocate_tensors()\n"
    'lite.set_tensor(given["index"], images[:3])\n'
    "lite.invoke()\n"
    'bool(np.allclose(lite.get_tensor(wanted["index"]), model(images[:3]), atol=1e-4))',
    gives=True,
)
def test_the_same_numbers_as_the_model(student, clean, rng):
    """Run elsewhere on batches of any size, the converted model computes what the model computes.

    Hint: the batch size stays None, nothing is optimized, and the weights must be in the file.
    """
    parameters = weights(rng, 64, 1024, 16)  # enough for a converter that optimizes to quantize them
    batches = [singles(rng, rows, 64) for rows in (1, 1031, 2)]
    model = student.run(keras_model, branched(parameters))
    results = clean.tflite(student.to_tflite(model), [[x] for x in batches])
    check_as_made(student, model, branched(parameters))
    for x, (y, *_) in zip(batches, results, strict=True):
        close(y, network(parameters, x), f"the answer to {len(x)} rows")


@pytest.mark.points(1)
@pytest.mark.example(
    'model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1, kernel_initializer="ones")])\n'
    "blob = tf.lite.TFLiteConverter.from_keras_model(model).convert()\n"
    'run_tflite(blob, np.array([[1, 2]], "float32"))',
    gives=[[3.0]],
)
def test_runs_one_row(student, clean, rng):
    """run_tflite gives the model's answer to its input.

    Hint: set_tensor before invoke.
    """
    parameters = weights(rng)
    blob, x = clean.run(converted, parameters, None), singles(rng, 1, 6)
    close(floats(student.run_tflite(blob, x)), network(parameters, x), "the answer to one row")


@pytest.mark.points(1)
@pytest.mark.example(
    'model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1, kernel_initializer="ones")])\n'
    "blob = tf.lite.TFLiteConverter.from_keras_model(model).convert()\n"
    'run_tflite(blob, np.array([[1, 2], [3, 4]], "float32"))',
    gives=[[3.0], [7.0]],
)
def test_runs_any_batch(student, clean, rng):
    """run_tflite answers every row of a batch, whatever its size. The model has one output here, and k is 1.

    Hint: resize_tensor_input, and then allocate_tensors.
    """
    parameters = weights(rng, 4, outputs=1)
    blob = clean.run(converted, parameters, None)
    batches = [singles(rng, rows, 4) for rows in (2, 211, 1)]
    for x, y in zip(batches, student.run(run_on_each, student.run_tflite, blob, batches), strict=True):
        close(y, network(parameters, x), f"the answer to {len(x)} rows")


def check_integers(student, clean, rng, most, given="int8", output="int8"):
    """Check what run_tflite makes of a model of integers and of numbers up to so many times the largest integer."""
    parameters, samples = weights(rng, 24), singles(rng, 60, 24)
    parameters[-1] += np.float32(1.5)  # so that the zero point of the output is not in the middle
    blob = clean.run(converted, parameters, samples, given, output)
    details = clean.tflite_details(blob)
    (taken,), (given_back,) = details["inputs"], details["outputs"]
    # off the middle between two integers, so that there is one right way to round
    whole = rng.integers(-int(100 * most), int(100 * most) + 1, size=(200, 24))
    if most > 1:
        whole[100:] //= int(2 * most)  # rows that fit: with every seed they decide what the others are not about
    x = ((whole + rng.uniform(-0.3, 0.3, size=whole.shape)) * (taken["scale"] or 0.01)).astype(np.float32)
    if most > 1:
        x[:4, 0] = 1e30, -1e30, np.inf, -np.inf
    ((answer, *_),) = clean.tflite(blob, [[quantize(x, taken) if given == "int8" else x]])
    expected = dequantize(answer, given_back) if output == "int8" else answer
    # two versions of an interpreter may round a product differently; floats that were integers lie one step apart
    step = given_back["scale"] if output == "int8" else np.diff(np.unique(answer)).min()
    assert_close(floats(student.run_tflite(blob, x)), expected, what="the answer", rtol=0, atol=1.2 * step)
    check(student.run(unchanged, student.run_tflite, blob, x[:3]), "the batch must be as it was before the call")


@pytest.mark.points(1)
@pytest.mark.example(
    "model = keras.Sequential(\n"
    '    [keras.Input([1]), keras.layers.Dense(1, kernel_initializer="ones", bias_initializer="ones")]\n'
    ")  # x + 1\n"
    "lite = tf.lite.TFLiteConverter.from_keras_model(model)\n"
    "lite.optimizations = [tf.lite.Optimize.DEFAULT]\n"
    'lite.representative_dataset = lambda: ([np.array([[x]], "float32")] for x in (-1, 3))\n'
    "lite.inference_input_type = lite.inference_output_type = tf.int8\n"
    'run_tflite(lite.convert(), np.array([[1.5]], "float32")).round(1)',
    gives=[[2.5]],
)
def test_runs_a_quantized_model(student, clean, rng):
    """With a model of integers, real numbers go in and real numbers come out, also where one of its ends is of floats.

    Hint: scale and zero point of the input on the way in, those of the output on the way out, if its dtype is int8.
    """
    check_integers(student, clean, rng, 0.5)
    check_integers(student, clean, rng, 0.5, output="float32")
    check_integers(student, clean, rng, 0.5, given="float32")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "model = keras.Sequential(\n"
    '    [keras.Input([1]), keras.layers.Dense(1, kernel_initializer="ones", bias_initializer="ones")]\n'
    ")  # x + 1\n"
    "lite = tf.lite.TFLiteConverter.from_keras_model(model)\n"
    "lite.optimizations = [tf.lite.Optimize.DEFAULT]\n"
    'lite.representative_dataset = lambda: ([np.array([[x]], "float32")] for x in (-1, 3))\n'
    "lite.inference_input_type = lite.inference_output_type = tf.int8\n"
    'run_tflite(lite.convert(), np.array([[100]], "float32")).round(1)',
    gives=[[4.0]],
)
def test_too_large_for_an_integer(student, clean, rng):
    """What an int8 cannot hold goes in as the smallest or largest int8.

    Hint: np.clip before any astype: no integer holds 1e30, nor infinity. An int8 less a zero point needs more room than
    an int8.
    """
    check_integers(student, clean, rng, 6)


@pytest.mark.points(0.5)
@pytest.mark.example('run_tflite(b"this is no model", np.ones([1, 2], "float32"))', raises="ValueError")
def test_no_model(student, rng):
    """Bytes that are no model are a ValueError.

    Hint: the interpreter raises one; let it pass.
    """
    noise = rng.bytes(600)
    for blob in (noise, noise[:4] + b"TFL3" + noise[8:], b""):
        with raises("ValueError"):
            student.run_tflite(blob, singles(rng, 1, 6))
