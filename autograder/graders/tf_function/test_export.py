"""Hidden tests of task 10: a SavedModel for others. The others are the clean room."""

import numpy as np
import pytest

from autograder.graders.tf_function.oracles import close, function_from, singles
from autograder.grading import check, probe, read_folder

SERVING = "serving_default"
ABSOLUTE = """\
class Absolute(tf.Module):
    features = 3

    def __init__(self):
        super().__init__()
        self.factor = tf.Variable(2.0)

    @tf.function
    def __call__(self, x):
        sums = tf.reduce_sum(x, axis=1)
        if tf.reduce_sum(sums) < 0.0:
            sums = -sums
        return self.factor * sums


f = Absolute()
"""


@probe
def regression(Regression, w, b):
    model = Regression(len(w))
    model.w.assign(w)
    model.b.assign(b)
    return model


@probe
def change(model, w, b):
    model.w.assign(w)
    model.b.assign(b)


def parameters(rng, features):
    """Random parameters of a regression."""
    return singles(rng, features), float(singles(rng))


def exported(student, model, folder="exported"):
    """The files that the student's export leaves."""
    student.export(model, folder)
    return student.run(read_folder, folder)


def answers(clean, files, *batches):
    """What the SavedModel says about each batch."""
    return [got["y"] for got in clean.saved_model(files, [(SERVING, {"x": x}) for x in batches])]


@pytest.mark.points(0.5)
def test_named_input_and_output(student, clean, rng):
    """The SavedModel has the signature serving_default, with the input x and the output y.

    Hint: name the parameter of your graph function x, and return {"y": ...}.
    """
    w, b = parameters(rng, 2)
    files = exported(student, student.run(regression, student.Regression, w, b))
    (got,) = clean.saved_model(files, [(SERVING, {"x": singles(rng, 3, 2)})])
    check(list(got) == ["y"], "there must be one output, called y", got=", ".join(sorted(got)))


@pytest.mark.points(1)
def test_any_batch_size(student, clean, rng):
    """Loaded elsewhere, without your code, it answers batches of any size with the module's numbers.

    Hint: tf.TensorSpec([None, module.features], tf.float32) leaves the batch size open.
    """
    w, b = parameters(rng, 4)
    files = exported(student, student.run(regression, student.Regression, w, b), "models/four/features")
    batches = [singles(rng, rows, 4) for rows in (1, 3, 8)]
    for x, y in zip(batches, answers(clean, files, *batches), strict=True):
        close(y, x @ w + b, f"the answer to {len(x)} rows")


@pytest.mark.points(0.5)
def test_an_earlier_export_is_replaced(student, clean, rng):
    """A second export into the same folder replaces the first, with the values that the variables have by then.

    Hint: save anew each time; keep neither the graph nor the folder of an earlier export.
    """
    model = student.run(regression, student.Regression, *parameters(rng, 2))
    student.export(model, "again")
    w, b = parameters(rng, 2)
    student.run(change, model, w, b)
    x = singles(rng, 3, 2)
    (y,) = answers(clean, exported(student, model, "again"), x)
    close(y, x @ w + b, "the answer")


@pytest.mark.points(1)
def test_other_modules(student, clean, rng):
    """Any module can be exported: with a branch inside, and with a __call__ that is a tf.function already.

    Hint: call the module; do not look at its variables.
    """
    files = exported(student, student.run(function_from, ABSOLUTE), "other")
    up, down = np.abs(singles(rng, 2, 3)), -np.abs(singles(rng, 5, 3))
    for x, y in zip((up, down), answers(clean, files, up, down), strict=True):
        close(y, 2 * np.abs(x).sum(axis=1), "the answer")
