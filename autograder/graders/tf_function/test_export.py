"""Hidden tests of task 10: a SavedModel for others. The others are the clean room."""

import numpy as np
import pytest

from autograder.graders.tf_function.oracles import close, function_from, output, regression, singles
from autograder.grading import check, probe, read_folder

SERVING = "serving_default"
ABSOLUTE = """\
class Absolute(tf.Module):
    features = 3

    def __init__(self):
        super().__init__()
        self.calls = tf.Variable(0.0, trainable=False)
        self.weights = [tf.Variable(2.0, trainable=False)]

    @tf.function(autograph=False)
    def __call__(self, rows):
        self.calls.assign_add(1.0)
        sums = tf.reduce_sum(rows, axis=1)
        sums = tf.cond(tf.reduce_sum(sums) < 0.0, lambda: -sums, lambda: sums)
        return self.weights[0] * sums + self.calls


f = Absolute()
"""

BRANCHING = """\
def f(Regression):
    class Branching(Regression):
        def __call__(self, x):
            y = Regression.__call__(self, x)
            if tf.reduce_sum(y) < 0.0:
                y = -y
            return y

    return Branching(2)
"""


@probe
def older_export(folder):
    """Leave in the folder a note and what TensorFlow takes for a SavedModel, though an empty one; return its graphs."""
    from pathlib import Path

    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    older = SavedModel(saved_model_schema_version=1).SerializeToString()
    Path(folder, "variables").mkdir(parents=True, exist_ok=True)
    Path(folder, "saved_model.pb").write_bytes(older)
    Path(folder, "notes.txt").write_bytes(b"the caller's own")
    return older


@probe
def renew(model, w, b):
    """Give a Regression new variables."""
    import tensorflow as tf

    model.w, model.b = tf.Variable(w), tf.Variable(b)


@probe
def declared(saved_model, signature):
    from tensorflow.core.framework.types_pb2 import DataType
    from tensorflow.core.protobuf import saved_model_pb2

    graphs = saved_model_pb2.SavedModel.FromString(saved_model).meta_graphs
    about = graphs[0].signature_def[signature]
    inputs = {name: [dim.size for dim in info.tensor_shape.dim] for name, info in about.inputs.items()}
    return {"inputs": inputs, "outputs": {name: DataType.Name(info.dtype) for name, info in about.outputs.items()}}


def parameters(rng, features):
    """Random parameters of a regression."""
    return singles(rng, features), float(singles(rng))


def exported(student, model, folder="exported"):
    """The files that the student's export leaves."""
    student.export(model, folder)
    return student.run(read_folder, folder)


def answers(clean, files, *batches):
    """What the SavedModel says about each batch."""
    return [output(got, "y") for got in clean.saved_model(files, [(SERVING, {"x": x}) for x in batches])]


@pytest.mark.points(1)
@pytest.mark.example(
    "import tempfile\n"
    "\n"
    "with tempfile.TemporaryDirectory() as folder:\n"
    "    export(Regression(2), folder)\n"
    "    loaded = tf.saved_model.load(folder)\n"
    'graph = loaded.signatures["serving_default"]\n'
    "[*graph.structured_input_signature[1], *graph.structured_outputs]",
    gives=["x", "y"],
)
def test_named_input_and_output(student, clean, rng):
    """The SavedModel has the signature serving_default, with the input x and the output y, of float32.

    Hint: name the parameter of your graph function x, and return {"y": ...}. Leave AutoGraph on: this model's __call__
    has an if on a tensor.
    """
    make = student.run(function_from, BRANCHING, autograph=True)
    files = exported(student, make(student.Regression))
    says = clean.run(declared, files["saved_model.pb"], SERVING)
    check(list(says["inputs"]) == ["x"], "there must be one input, called x", got=", ".join(says["inputs"]))
    outputs = says["outputs"]
    check(list(outputs) == ["y"], "there must be one output, called y", got=", ".join(sorted(outputs)))
    check(outputs["y"] == "DT_FLOAT", "y must be float32", got=outputs["y"])


@pytest.mark.points(1)
@pytest.mark.example(
    "import tempfile\n"
    "\n"
    "model = Regression(2)\n"
    "model.w.assign([1.0, 2.0])\n"
    "with tempfile.TemporaryDirectory() as folder:\n"
    "    export(model, folder)\n"
    "    loaded = tf.saved_model.load(folder)\n"
    'answer = loaded.signatures["serving_default"]\n'
    'shape = tuple(answer.structured_input_signature[1]["x"].shape)\n'
    '{"shape of x": shape, "answer to 3 rows": answer(x=tf.ones([3, 2]))["y"].numpy().tolist()}',
    gives={"shape of x": (None, 2), "answer to 3 rows": [3.0, 3.0, 3.0]},
)
def test_any_batch_size(student, clean, rng):
    """Loaded elsewhere, without your code, it answers batches of any size with the module's numbers.

    Hint: tf.TensorSpec([None, module.features], tf.float32) leaves the batch size open. A module that is exported again
    may have other variables than before: trace it anew.
    """
    w, b = parameters(rng, 4)
    model = student.run(regression, student.Regression, *parameters(rng, 4))
    student.export(model, "models/before")
    student.run(renew, model, w, b)
    files = exported(student, model, "models/four/features")
    shapes = clean.run(declared, files["saved_model.pb"], SERVING)["inputs"]
    must = "the input must be declared as (None, features), with None as -1 in a SavedModel"
    check(list(shapes.values()) == [[-1, 4]], must, got=shapes)
    batches = [singles(rng, rows, 4) for rows in (1, 3, 0, 500)]
    for x, y in zip(batches, answers(clean, files, *batches), strict=True):
        close(y, x @ w + b, f"the answer to {len(x)} rows")


@pytest.mark.points(1)
@pytest.mark.example(
    "import tempfile\n"
    "\n"
    "class Twice(tf.Module):\n"
    "    features = 1\n"
    "\n"
    "    def __call__(self, x):\n"
    "        return 2.0 * x[:, 0]\n"
    "\n"
    "with tempfile.TemporaryDirectory() as folder:\n"
    "    export(Twice(), folder)\n"
    "    loaded = tf.saved_model.load(folder)\n"
    'loaded.signatures["serving_default"](x=tf.constant([[3.0]]))["y"].numpy()',
    gives=[6.0],
)
def test_other_modules(student, clean, rng):
    """Any module can be exported: with a branch inside, and with a __call__ that is a tf.function already.

    Hint: call the module, by position, and only while tracing: a call may change its variables. Do not look at these,
    and save all of them. Save also where an older SavedModel lies: what it holds is not what the module is now.
    """
    older = student.run(older_export, "other")
    files = exported(student, student.run(function_from, ABSOLUTE, autograph=True), "other")
    must = "in the folder must be the module as it is now, whatever SavedModel was there before"
    check(files["saved_model.pb"] != older, must, got="the older saved_model.pb")
    check(files.get("notes.txt") == b"the caller's own", "another file in the folder must stay", got=sorted(files))
    up, down = np.abs(singles(rng, 2, 3)), -np.abs(singles(rng, 5, 3))
    mixed = np.concatenate([up, -2 * up])  # together they are negative
    answered = zip((up, down, mixed), answers(clean, files, up, down, mixed), strict=True)
    for calls, (x, y) in enumerate(answered, 1):
        sums = x.sum(axis=1)
        expected = calls + (2 * sums if sums.sum() > 0 else -2 * sums)
        close(y, expected, f"answer {calls} of a module that counts its calls")
