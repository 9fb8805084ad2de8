"""What sprint 6's hidden tests know by themselves: curves and a small network.

Expected numbers are computed in numpy. Files and models are judged as bytes, in the clean room.
"""

import io
from collections.abc import Iterable
from typing import Any

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_FLOAT, DT_STRING
from tensorboard.summary.writer.record_writer import RecordWriter

from autograder.grading import assert_close, check, is_a, probe

Array = np.ndarray
Points = list[tuple[int, float]]


def singles(rng: np.random.Generator, *shape: int) -> Array:
    """Normal numbers that float32 holds exactly, so that both sides start from the same."""
    return rng.normal(size=shape).astype(np.float32)


def close(got: Any, expected: Any, what: str) -> None:
    """`assert_close` within the accuracy of a few float32 operations, for numbers of the order of 1."""
    assert_close(got, expected, what=what, rtol=1e-4, atol=1e-4)


def close_singles(got: Any, expected: Any, what: str) -> None:
    """`assert_close` for numbers that were only kept as float32, however small they are."""
    assert_close(got, expected, what=what, rtol=1e-6, atol=0)


def floats(answer: Any) -> Any:
    """What came back, if it is an array of floats."""
    good = isinstance(answer, np.ndarray) and answer.dtype in (np.float32, np.float64)
    check(good, "an array of float32 or float64 must come back", got=answer)
    return answer


# ---- event files


def curve(rng: np.random.Generator, count: int) -> Points:
    """Values of all sizes over rising steps with gaps in between."""
    steps = np.cumsum(rng.integers(1, 9, size=count))
    values = (singles(rng, count) * 10.0 ** rng.integers(-6, 3, size=count)).astype(np.float32)
    return [(int(step), float(value)) for step, value in zip(steps, values, strict=True)]


def all_kinds(rng: np.random.Generator) -> Points:
    """A curve from step 0 to a very late one, of a training that has a value of 0, and diverges."""
    values = [*singles(rng, 3).tolist(), 0.0, *singles(rng, 2).tolist(), np.nan, np.inf, -np.inf]
    steps = [0, *(step for step, _ in curve(rng, 7)), far_step(rng)]
    return list(zip(steps, values, strict=True))


def far_step(rng: np.random.Generator) -> int:
    """An odd step above 2**31: a float32 holds only even numbers there, and an int32 none."""
    return 2 * int(rng.integers(2 * 10**9, 2 * 10**10)) + 1


def event_file(
    tag: str, points: Iterable[tuple[int, float]], *, of_tensorflow: bool = False, beside: str | None = None
) -> bytes:
    """An event file with one curve, as PyTorch's writer or TensorFlow's would have written it.

    With `beside`, each event holds values of another tag as well, one before the curve's and one behind it: numbers,
    or, in a file of TensorFlow's, texts.
    """
    file = io.BytesIO()
    writer = RecordWriter(file)
    writer.write(Event(wall_time=1.0, file_version="brain.Event:2").SerializeToString())
    for step, number in points:
        if of_tensorflow:
            bits = np.float32(number).tobytes()
            tensor = TensorProto(dtype=DT_FLOAT, tensor_shape=TensorShapeProto(), tensor_content=bits)
            plugin = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="scalars"))
            value = Summary.Value(tag=tag, tensor=tensor, metadata=plugin)
        else:
            value = Summary.Value(tag=tag, simple_value=number)
        others = [other_value(beside, text=of_tensorflow)] if beside else []
        summary = Summary(value=[*others, value, *others])
        writer.write(Event(wall_time=2.0, step=step, summary=summary).SerializeToString())
    return file.getvalue()


def other_value(tag: str, *, text: bool) -> Summary.Value:
    """A value that belongs to another tag: a number, or a text as tf.summary.text writes it."""
    if not text:
        return Summary.Value(tag=tag, simple_value=0.5)
    plugin = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text"))
    tensor = TensorProto(dtype=DT_STRING, tensor_shape=TensorShapeProto(), string_val=[b"two layers"])
    return Summary.Value(tag=tag, tensor=tensor, metadata=plugin)


@probe
def write_files(files, folder=None):
    """A folder with these files, a new one unless it is named."""
    import os
    import tempfile

    folder = folder or tempfile.mkdtemp()
    for name, content in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    return folder


@probe
def unchanged(function, *given):
    """Whether a call leaves what it is given as it was: text, numbers, arrays and containers of these."""
    import pickle

    before = pickle.dumps(given)
    function(*given)
    return pickle.dumps(given) == before


@probe
def changed_by_logging(function, *given):
    """What a call of a function that logs has changed of what it is given, and of TensorFlow's defaults for logging.

    These are set here: the default step is 61, and the default writer writes into a folder of its own.
    """
    import contextlib
    import pickle
    import tempfile
    from pathlib import Path

    import tensorflow as tf

    before = pickle.dumps(given)
    with tempfile.TemporaryDirectory() as folder:
        writer = tf.summary.create_file_writer(folder)
        with writer.as_default(61):
            function(*given)
            step = tf.summary.experimental.get_step()
            with contextlib.suppress(Exception):  # the default writer may be one that is closed
                tf.summary.scalar("of the caller", 0.5, step=1)
        writer.close()
        written = any(b"of the caller" in path.read_bytes() for path in Path(folder).iterdir())
    same = {
        "what is given": pickle.dumps(given) == before,
        "the default step of tf.summary": isinstance(step, int) and step == 61,
        "the default writer of tf.summary": written,
    }
    return [name for name, kept in same.items() if not kept]


def check_nothing_changed(student, function, *given):
    """Call a function that logs, and check that it leaves all this as it was."""
    changed = student.run(changed_by_logging, function, *given)
    must = "what is given, and the default step and the default writer of tf.summary, must be as before the call"
    check(changed == [], must, got=changed)


def as_points(got: Any, what: str) -> Points:
    """A list of pairs (step, value), if it is one."""
    pairs = is_a(got, list) and all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in got)
    check(pairs, f"{what} must be a list of pairs", got=got)
    numbers = all(is_a(step, int) and is_a(number, float) for step, number in got)
    check(numbers, f"each pair of {what} must be an int and a float", got=got)
    return [tuple(pair) for pair in got]


def check_points(got: Any, expected: Points, what: str) -> None:
    """Check a list of pairs (step, value)."""
    got = as_points(got, what)
    steps = [step for step, _ in expected]
    assert_close([step for step, _ in got], steps, what=f"the list of steps of {what}", rtol=0, atol=0)
    close_singles([number for _, number in got], [number for _, number in expected], f"the list of values of {what}")


# ---- a network


def weights(rng: np.random.Generator, features: int = 6, hidden: int = 24, outputs: int = 3) -> list[Array]:
    """The weights and biases of two layers."""
    shapes = [(features, hidden), (hidden,), (hidden, outputs), (outputs,)]
    return [singles(rng, *shape) / np.float32(np.sqrt(shape[0])) for shape in shapes]


def network(parameters: list[Array], x: Array) -> Array:
    """What the two layers compute."""
    w1, b1, w2, b2 = parameters
    return np.maximum(x.astype(np.float64) @ w1 + b1, 0) @ w2 + b2


def branched(parameters: list[Array]) -> list[Array]:
    """The same network with its first layer in two halves, side by side: for a model that is no sequence of layers."""
    w1, b1, *last = parameters
    return [*(half for pair in zip(np.split(w1, 2, axis=1), np.split(b1, 2), strict=True) for half in pair), *last]


@probe
def keras_model(parameters):
    """A Keras model of two layers, with a dropout between them that inference leaves out.

    It is sequential, or, with the parameters of a first layer in two halves, functional. Its first layer is frozen.
    """
    import keras

    *first, w, _ = parameters
    inputs = keras.Input([len(first[0])])
    if len(first) == 2:
        layers = [keras.layers.Dense(w.shape[0], "relu"), keras.layers.Dropout(0.5), keras.layers.Dense(w.shape[1])]
        model = keras.Sequential([inputs, *layers])
    else:
        hidden = keras.layers.Concatenate()([keras.layers.Dense(len(b), "relu")(inputs) for b in first[1::2]])
        outputs = keras.layers.Dense(w.shape[1])(keras.layers.Dropout(0.5)(hidden))
        model = keras.Model(inputs, outputs)
    model.set_weights(parameters)
    next(layer for layer in model.layers if layer.weights).trainable = False
    return model


@probe
def as_made(model, parameters):
    """Whether a model of `keras_model` has these parameters, its first layer is frozen, and no other is."""
    import numpy as np

    same = all(np.array_equal(*pair) for pair in zip(model.get_weights(), parameters, strict=True))
    frozen, *others = [not layer.trainable for layer in model.layers if layer.weights]
    return same and frozen and not any(others)


def check_as_made(student, model, parameters):
    """Check that the student's function has left the model as it was."""
    must = "the model must be as it was before the call: its weights, and which of its layers are trainable"
    check(student.run(as_made, model, parameters), must)


@probe
def small_model(features):
    """A Keras model of one layer: for tests to which it does not matter what it computes, since it exports faster."""
    import keras

    return keras.Sequential([keras.Input([features]), keras.layers.Dense(1)])


@probe
def set_weights(model, parameters):
    """Give a Keras model other weights."""
    model.set_weights(parameters)


@probe
def converted(parameters, samples, given="int8", output="int8"):
    """The two layers as a TFLite model: of floats, or, with samples, of 8-bit integers with such ends."""
    import tensorflow as tf

    module = tf.Module()
    module.parameters = w1, b1, w2, b2 = [tf.constant(p) for p in parameters]

    @tf.function(input_signature=[tf.TensorSpec([None, w1.shape[0]], tf.float32)], autograph=False)
    def compute(x):
        return tf.nn.relu(x @ w1 + b1) @ w2 + b2

    converter = tf.lite.TFLiteConverter.from_concrete_functions([compute.get_concrete_function()], module)
    if samples is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type, converter.inference_output_type = tf.as_dtype(given), tf.as_dtype(output)
    return converter.convert()


def quantize(x: Array, about: dict[str, Any]) -> Array:
    """Real numbers as the integers of an input or output."""
    return np.clip(np.round(x / about["scale"]) + about["zero_point"], -128, 127).astype(np.int8)


def dequantize(integers: Array, about: dict[str, Any]) -> Array:
    """The real numbers that integers stand for."""
    return about["scale"] * (integers.astype(np.float64) - about["zero_point"])
