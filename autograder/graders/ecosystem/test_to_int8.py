"""Hidden tests of task 6: quantized models, looked at and run in the clean room."""

import numpy as np
import pytest

from autograder.graders.ecosystem.oracles import (
    branched,
    check_as_made,
    dequantize,
    keras_model,
    network,
    quantize,
    set_weights,
    singles,
    small_model,
    weights,
)
from autograder.grading import assert_close, check, probe, value


@probe
def counted(rows):
    """A generator of rows, and a function that tells how many of them were taken."""
    taken = []

    def generate():
        for row in rows:
            taken.append(1)
            yield row

    return generate(), lambda: len(taken)


@probe
def samples_afterwards(to_int8, model, samples):
    """The quantized model, and the samples as they are then."""
    return to_int8(model, samples), samples


def quantized(student, parameters, samples):
    """The student's quantized model of two layers."""
    return student.to_int8(student.run(keras_model, parameters), samples)


def ports(clean, blob):
    """The input and the output of a model."""
    details = clean.tflite_details(blob)
    count = len(details["inputs"]), len(details["outputs"])
    check(count == (1, 1), "the model must have one input and one output", got=count)
    return details["inputs"][0], details["outputs"][0]


def with_extremes(rng, count, features, low, high):
    """Rows between -1 and 1, but for one low and one high number, each given with its row."""
    rows = rng.uniform(-1, 1, size=(count, features)).astype(np.float32)
    for row, number in (low, high):
        rows[row, rng.integers(features)] = number
    return rows


def check_range(about, low, high, what="the input's scale and zero point must cover the samples"):
    """Check that a scale and zero point are those for a range of real numbers."""
    scale = (high - low) / 255
    must = f"{what} from the smallest number to the largest"
    good = abs(about["scale"] / scale - 1) < 0.02 and abs(about["zero_point"] - (-128 - low / scale)) <= 1.5
    check(bool(good), must, got=(about["scale"], about["zero_point"]))


@pytest.mark.points(1.5)
@pytest.mark.example(
    "from ai_edge_litert.interpreter import Interpreter\n"
    "\n"
    'model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1, kernel_initializer="ones")])\n'
    'interpreter = Interpreter(model_content=to_int8(model, np.eye(2, dtype="float32")))\n'
    '[about["dtype"].__name__ for about in interpreter.get_input_details() + interpreter.get_output_details()]',
    gives=["int8", "int8"],
)
def test_integers_throughout(student, clean, rng):
    """The model takes int8 and gives int8, each with a scale, and its weights take one byte each.

    Hint: inference_input_type, inference_output_type, and optimizations = [tf.lite.Optimize.DEFAULT].
    """
    parameters = weights(rng, 64, 160, 10)
    blob = quantized(student, parameters, singles(rng, 10, 64))
    for name, about in zip(("input", "output"), ports(clean, blob), strict=True):
        check(about["dtype"] == "int8", f"the {name} must be int8", got=about["dtype"])
        check(about["scale"] > 0, f"the {name} must have a scale", got=about["scale"])
    floats = 4 * sum(p.size for p in parameters)
    check(len(blob) < 0.4 * floats, "the file must be smaller than 0.4 times the weights in float32", got=len(blob))


@pytest.mark.points(1.5)
@pytest.mark.example(
    "from ai_edge_litert.interpreter import Interpreter\n"
    "\n"
    'model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1, kernel_initializer="ones")])\n'
    'samples = np.zeros([120, 2], "float32")\n'
    "samples[0, 0], samples[-1, 0] = -1.0, 4.1\n"
    "interpreter = Interpreter(model_content=to_int8(model, samples))\n"
    'scale, zero_point = interpreter.get_input_details()[0]["quantization"]\n'
    "round(scale, 3)  # (4.1 + 1) / 255",
    gives=0.02,
)
def test_every_sample_counts(student, clean, rng):
    """The ranges are those of all samples, the first and the last and those in between.

    Hint: the representative dataset yields every sample, each with a batch axis.
    """
    low, high, parameters = -float(rng.uniform(4, 6)), float(rng.uniform(7, 9)), weights(rng, 4)
    odd = 2 * int(rng.integers(200)) + 1
    # a prime number of samples: batches of whatever size leave some over, and the last is among them
    samples = with_extremes(rng, 1201, 4, (odd, low), (1200, high))
    taken, given = ports(clean, quantized(student, parameters, samples))
    check_range(taken, low, high)
    exact = network(parameters, samples)
    check_range(given, min(exact.min(), 0), max(exact.max(), 0), "the output's must cover the answers to all samples")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "from ai_edge_litert.interpreter import Interpreter\n"
    "\n"
    'model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1, kernel_initializer="ones")])\n'
    'samples = (np.array([number, 0], "float32") for number in (-1, 2, 4.1))\n'
    "interpreter = Interpreter(model_content=to_int8(model, samples))\n"
    'scale, zero_point = interpreter.get_input_details()[0]["quantization"]\n'
    "round(scale, 3)  # (4.1 + 1) / 255",
    gives=0.02,
)
def test_a_generator(student, clean, rng):
    """Samples may come from a generator, through which one can go only once.

    Hint: no len(samples) and no samples[:100]; or make a list of them first. The model may have other weights than when
    it was converted before.
    """
    low, high = -float(rng.uniform(2, 3)), float(rng.uniform(4, 6))
    rows = with_extremes(rng, 53, 6, (0, low), (52, high))  # a prime number here, too
    low, high, rows = 0.01 * low, 0.01 * high, list(np.float32(0.01) * rows)  # smaller than what one might make up
    model, (samples, taken) = student.run(small_model, 6), student.run(counted, rows)
    student.to_int8(model, np.stack(rows[1:3]))  # other samples for the same model, before it was trained on
    w, b = singles(rng, 6, 1), np.float32(0.01) * singles(rng, 1)
    student.run(set_weights, model, [w, b])
    into, out = ports(clean, student.to_int8(model, samples))
    check_range(into, low, high)
    exact = np.stack(rows).astype(np.float64) @ w + b
    must = "the output's must cover the answers to all samples, with the weights that it has now,"
    check_range(out, min(exact.min(), 0), max(exact.max(), 0), must)
    count = value(taken())
    check(count == len(rows), "every sample of the generator must be taken", got=count)


@pytest.mark.points(1)
@pytest.mark.example(
    "model = keras.Sequential(\n"
    '    [keras.Input([1]), keras.layers.Dense(1, kernel_initializer="ones", bias_initializer="ones")]\n'
    ")  # x + 1\n"
    'small = to_int8(model, np.array([[-1], [3]], "float32"))\n'
    'run_tflite(small, np.array([[0], [1.5], [3]], "float32")).round(1)',
    gives=[[1.0], [2.5], [4.0]],
)
def test_answers_with_integers(student, clean, rng):
    """Run elsewhere on batches of any size, the quantized model is close to the model. The samples are a list here.

    Hint: a free batch size, and the samples as they are.
    """
    parameters, samples = weights(rng), singles(rng, 100, 6)
    model, given = student.run(keras_model, branched(parameters)), list(samples)
    blob, left = student.run(samples_afterwards, student.to_int8, model, given)
    check_as_made(student, model, branched(parameters))
    same = len(left) == len(given) and np.array_equal(left, samples)
    check(same, "the list of samples must be as it was before the call", got=len(left))
    taken, given = ports(clean, blob)
    check(taken["dtype"] == given["dtype"] == "int8", "input and output must be int8")
    batches = [samples[:1], samples[20:60]]
    results = clean.tflite(blob, [[quantize(x, taken)] for x in batches])
    spread = float(np.ptp(network(parameters, samples)))
    for x, (integers, *_) in zip(batches, results, strict=True):
        got, exact = dequantize(integers, given), network(parameters, x)
        assert_close(got, exact, what=f"the answer to {len(x)} rows", rtol=0, atol=0.06 * spread)
