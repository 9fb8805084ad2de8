"""Hidden tests of task 4: versions of a SavedModel, called in the clean room."""

import pytest

from autograder.graders.ecosystem.oracles import (
    branched,
    check_as_made,
    close,
    keras_model,
    network,
    set_weights,
    singles,
    small_model,
    weights,
    write_files,
)
from autograder.grading import check, is_a, probe, read_folder, value

SERVING = "serving_default"


@probe
def signature_of(saved_model, name):
    from tensorflow.core.protobuf import saved_model_pb2

    (graph,) = saved_model_pb2.SavedModel.FromString(saved_model).meta_graphs
    if name not in graph.signature_def:
        return sorted(graph.signature_def), {}, []
    about = graph.signature_def[name]
    shapes = {key: [dim.size for dim in info.tensor_shape.dim] for key, info in about.inputs.items()}
    return sorted(graph.signature_def), shapes, sorted(about.outputs)


def files_of(student, base, version):
    """The files of one version."""
    return student.run(read_folder, f"{base}/{version}")


def signature(clean, files):
    """The name of the input for a server, its shape, and the name of the output."""
    check("saved_model.pb" in files, "the version's folder must hold saved_model.pb", got=sorted(files))
    there, inputs, outputs = clean.run(signature_of, files["saved_model.pb"], SERVING)
    check(SERVING in there, f"there must be the signature {SERVING}", got=there)
    count = len(inputs), len(outputs)
    check(count == (1, 1), f"{SERVING} must have one input and one output", got=[*inputs, *outputs])
    return *next(iter(inputs.items())), outputs[0]


def answers(clean, files, *batches):
    """What the SavedModel says of each batch."""
    taken, _, given = signature(clean, files)
    return [got[given] for got in clean.saved_model(files, [(SERVING, {taken: x}) for x in batches])]


@probe
def exported_twice(write_files, export, model, base, between, empty):
    """Two exports, between which somebody else puts files there, and an old folder without any."""
    import os

    first = export(model, base)
    write_files(between, base)
    os.makedirs(os.path.join(base, empty), exist_ok=True)
    os.utime(os.path.join(base, empty), (0, 0))
    return [first, export(model, base)]


def numbered(version, expected):
    """The version that came back."""
    got = value(version)
    check(is_a(got, int) and got == expected, f"the version must be the int {expected} here", got=got)
    return got


@pytest.mark.points(2)
@pytest.mark.example(
    'layers = [keras.layers.Dropout(0.5), keras.layers.Dense(1, kernel_initializer="ones")]\n'
    "model = keras.Sequential([keras.Input([2]), *layers])\n"
    "with tempfile.TemporaryDirectory() as folder:\n"
    "    version = export_saved_model(model, folder)\n"
    '    loaded = tf.saved_model.load(f"{folder}/{version}")\n'
    '(answer,) = loaded.signatures["serving_default"](tf.ones([3, 2])).values()\n'
    "answer.numpy()",
    gives=[[2.0], [2.0], [2.0]],
)
def test_answers_elsewhere(student, clean, rng):
    """Its signature serving_default, called without your code, answers batches of any size as the model does.

    Hint: the batch size of the signature is None, and the dropout of a training has no place in it.
    """
    base, parameters = student.run(write_files, {}) + "/models/digits", weights(rng, 5)
    version = numbered(student.export_saved_model(student.run(keras_model, parameters), base), 1)
    files = files_of(student, base, version)
    _, shape, _ = signature(clean, files)
    check(
        shape == [-1, 5], "the input must be declared as (None, features), with None as -1 in a SavedModel", got=shape
    )
    batches = [singles(rng, rows, 5) for rows in (1, 9, 1031)]
    for x, y in zip(batches, answers(clean, files, *batches), strict=True):
        close(y, network(parameters, x), f"the answer to {len(x)} rows")


@pytest.mark.points(1)
@pytest.mark.example(
    'model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1, kernel_initializer="ones")])\n'
    "with tempfile.TemporaryDirectory() as folder:\n"
    '    for name in ("3", "20", "old"):\n'
    "        Path(folder, name).mkdir()\n"
    "    version = export_saved_model(model, folder)\n"
    "version",
    gives=21,
)
def test_next_version(student, rng):
    """The next version is larger by 1 than the largest number there is.

    Hint: int(name) for the folders whose names are numbers; max of them, not their count. To glob.glob, brackets in the
    name of a folder are a pattern.
    """
    others = ("latest/saved_model.pb", "11.backup/a", "old-30/saved_model.pb", "30.5/a", "notes.txt")
    others += ("tmp/a", "temp/a", "new/a", "export/a")
    old = [f"{number}/saved_model.pb" for number in (2, 9)] + ["10/variables/variables.index"]
    name = "digits [8, 8]"
    base = student.run(write_files, {f"{name}/{other}": b"old" for other in others}) + f"/{name}"
    model = student.run(small_model, 3)
    between = dict.fromkeys(old, b"old")
    empty = "1700000000"  # as of an upload that has begun
    versions = student.run(exported_twice, write_files, student.export_saved_model, model, base, between, empty)
    for version, expected in zip(versions, (1, 1700000001), strict=True):
        numbered(version, expected)
    files = student.run(read_folder, base)
    found = {name.partition("/")[0] for name in files}
    check({"1", "1700000001"} <= found, "each version must be in a folder of its number", got=sorted(found))
    same = all(files.get(name) == b"old" for name in old)
    check(same, "the old versions must be as they were", got=sorted(found))
    same = all(files.get(name) == b"old" for name in others)
    check(same, "the entries that are no versions must be as they were", got=sorted(found))


@pytest.mark.points(0.5)
@pytest.mark.example(
    'model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1, kernel_initializer="ones")])\n'
    "answers = []\n"
    "with tempfile.TemporaryDirectory() as folder:\n"
    "    export_saved_model(model, folder)\n"
    "    model.set_weights([np.full([2, 1], 5.0), np.zeros(1)])\n"
    "    export_saved_model(model, folder)\n"
    "    for version in (1, 2):\n"
    '        loaded = tf.saved_model.load(f"{folder}/{version}")\n'
    '        (y,) = loaded.signatures["serving_default"](tf.ones([1, 2])).values()\n'
    "        answers.append(float(y[0, 0]))\n"
    "answers",
    gives=[2.0, 10.0],
)
def test_old_versions_stay(student, clean, rng):
    """An old version stays as it was, and the new one has the weights that the model has now.

    Hint: write into the new folder only.
    """
    base, before, after = student.run(write_files, {}), weights(rng), weights(rng)
    model = student.run(keras_model, branched(before))
    student.export_saved_model(model, base)
    first = files_of(student, base, 1)
    student.run(set_weights, model, branched(after))
    student.export_saved_model(model, base)
    check(files_of(student, base, 1) == first, "the files of the old version must be as they were")
    check_as_made(student, model, branched(after))
    x = singles(rng, 3, 6)
    (y,) = answers(clean, files_of(student, base, 2), x)
    close(y, network(after, x), "the answer of the new version")
