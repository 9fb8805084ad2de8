"""Hidden tests of task 9: one training step as a graph, compared with gradient descent in numpy."""

import numpy as np
import pytest

from autograder.graders.tf_function.oracles import (
    check_float32,
    check_traces,
    close,
    descend,
    function_from,
    regression,
    singles,
    tensor,
)
from autograder.grading import as_numbers, check, probe, raises, read_folder, value

CURVE = """\
shared = tf.Variable(1.0)  # no part of the model


class Curve(tf.Module):
    features = 2
    first = property(lambda self: self.rows[0])

    def __init__(self):
        super().__init__()
        self.rows = [tf.Variable([1.0, 1.0])]
        self.part = tf.Module()
        self.part.slope = tf.Variable(0.5)
        self.offset = self.again = tf.Variable(0.25)
        self.scale = tf.Variable(2.0, trainable=False)
        self.idle = tf.Variable([1.5] * 7)
        self.calls = tf.Variable(0.0, trainable=False)

    def __call__(self, x):
        self.calls.assign_add(1.0)
        return shared * self.scale * self.part.slope * tf.linalg.matvec(x, self.first) + self.offset


f = Curve(), shared
"""


@probe
def save_step(train_step, model, folder):
    import tensorflow as tf

    if getattr(train_step, "input_signature", None) is None:
        return False
    step = train_step.get_concrete_function()
    saved = tf.Module()
    saved.model, saved.used = model, list(step.graph.variables)
    x, y, number = [*step.structured_input_signature[0], *step.structured_input_signature[1].values()]

    def call(x, y, step):
        return {"loss": train_step(x, y, tf.cast(step, number.dtype))}

    given = [
        tf.TensorSpec(x.shape, x.dtype, "x"),
        tf.TensorSpec(y.shape, y.dtype, "y"),
        tf.TensorSpec([], tf.int64, "step"),
    ]
    signature = tf.function(call, autograph=False).get_concrete_function(*given)
    tf.saved_model.save(saved, folder, signatures={"step": signature})
    return True


def setting(student, rng, features=3):
    """A regression with random parameters, these parameters, and a learning rate."""
    w, b, rate = singles(rng, features), float(singles(rng)), float(rng.uniform(0.05, 0.15))
    return student.run(regression, student.Regression, w, b), w, b, rate


def batch(rng, rows, features=3):
    """Inputs and targets."""
    return singles(rng, rows, features), singles(rng, rows)


@pytest.mark.points(1)
@pytest.mark.example(
    "model = Regression(1)\n"
    "model.w.assign([1.0])\n"
    "float(make_train_step(model, 0.1)(tf.constant([[1.0], [2.0]]), tf.constant([1.0, 3.0]), 0))",
    gives=0.5,
)
def test_loss(student, rng):
    """A step returns the mean squared error of the model as it was before the step.

    Hint: compute the loss inside the tape and return it; the mean is over the rows, with shapes (n,) and (n,).
    """
    model, w, b, rate = setting(student, rng)
    x, y = batch(rng, 5)
    loss = student.make_train_step(model, rate)(tensor(x), tensor(y), 0)
    close(loss, descend(w, b, [(x, y, 0)], rate)[2][0], "the loss")
    check_float32(loss, "the loss")


@pytest.mark.points(1)
@pytest.mark.example(
    "model = Regression(1)\n"
    "model.w.assign([1.0])\n"
    "make_train_step(model, 0.1)(tf.constant([[1.0], [2.0]]), tf.constant([1.0, 3.0]), 0)\n"
    "[round(float(parameter), 4) for parameter in (model.w[0], model.b)]",
    gives=[1.2, 0.1],
)
def test_step_descends(student, rng):
    """A step moves each parameter by minus the learning rate times its gradient.

    Hint: variable.assign_sub(rate * gradient), for all of model.trainable_variables, however large the gradient and the
    rate are.
    """
    model, w, b, rate = setting(student, rng)
    rate *= 30
    x, y = batch(rng, 5)
    x[0], y[0] = 0.0, 1e12  # moves b alone, and far
    student.make_train_step(model, rate)(tensor(x), tensor(y), 0)
    expected_w, expected_b, _ = descend(w, b, [(x, y, 0)], rate)
    close(value(model.w), expected_w, "w after the step")
    close(value(model.b), expected_b, "b after the step")


@pytest.mark.points(1)
@pytest.mark.example(
    "model = Regression(1)\n"
    "model.w.assign([1.0])\n"
    "make_train_step(model, 0.4)(tf.constant([[1.0], [2.0]]), tf.constant([1.0, 3.0]), 3)  # 0.4 / (1 + 3)\n"
    "[round(float(parameter), 4) for parameter in (model.w[0], model.b)]",
    gives=[1.2, 0.1],
)
def test_rate_falls(student, rng):
    """In step number k the rate is learning_rate / (1 + k), whatever number was traced.

    Hint: step is an input of the graph: cast it to float32 and divide. Whoever counts from 0 again begins again with
    the whole rate.
    """
    model, w, b, rate = setting(student, rng)
    train_step = student.make_train_step(model, rate)
    for other in (model, setting(student, rng)[0]):
        student.make_train_step(other, 2 * rate)  # another one, which changes nothing here
    batches = [(*batch(rng, 4), step) for step in (1, 9999, 0)]
    batches[1][1][:] *= 1e5  # so large an error that a ten thousandth of the rate shows
    for x, y, step in batches:
        train_step(tensor(x), tensor(y), step)
    expected_w, expected_b, _ = descend(w, b, batches, rate)
    close(value(model.w), expected_w, "w after the steps 1, 9999 and 0")
    close(value(model.b), expected_b, "b after the steps 1, 9999 and 0")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "train_step = make_train_step(Regression(1), 0.1)\n"
    "losses = [train_step(tf.ones([2, 1]), tf.ones(2), np.int64(0))]\n"
    "losses.append(train_step(step=3, y=tf.zeros(2), x=tf.zeros([2, 1])))\n"
    "[round(float(loss), 4) for loss in losses]",
    gives=[1.0, 0.04],
)
def test_forms_of_a_call(student, rng):
    """A step is called by position or by keyword, and its number is a Python int or a NumPy integer.

    Hint: the parameters are called x, y and step; the signature makes tensors of all numbers.
    """
    model, _, _, rate = setting(student, rng)
    train_step = student.make_train_step(model, rate)
    x, y = map(tensor, batch(rng, 5))
    losses = [
        train_step(x, y, np.int64(0)),
        train_step(x, y, step=np.int32(1)),
        train_step(y=y, step=2, x=x),
    ]
    shapes = [as_numbers(loss, "the loss").shape for loss in losses]  # what the losses are is another test's matter
    check(shapes == [()] * 3, "each of these calls must return a loss", got=shapes)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "train_step = make_train_step(Regression(1), 0.1)\n"
    "for step, rows in enumerate((1, 2, 3)):\n"
    "    train_step(tf.ones([rows, 1]), tf.ones(rows), step)\n"
    "train_step.experimental_get_tracing_count()",
    gives=1,
)
def test_one_graph(student, rng):
    """All batch sizes and all step numbers, given as Python ints, go through one graph.

    Hint: an input_signature for x, y and step; None stands for any number of rows.
    """
    model, _, _, rate = setting(student, rng)
    train_step = student.make_train_step(model, rate)
    for step, rows in enumerate((4, 4, 1, 7)):
        x, y = batch(rng, rows)
        train_step(tensor(x), tensor(y), step)
    check_traces(student, train_step, 1, "four steps with batches of 4, 4, 1 and 7 rows must be one trace")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "train_step = make_train_step(Regression(1), 0.1)\n"
    "try:\n"
    "    train_step(tf.ones([3, 2]), tf.ones(3), 0)\n"
    '    said = "accepted"\n'
    "except (TypeError, ValueError):\n"
    '    said = "refused"\n'
    "said",
    gives="refused",
)
def test_refuses_other_features(student, rng):
    """Rows with another number of features are refused, and nothing is changed; nor is it with a learning rate of 0.

    Hint: write the number of features into the signature: [None, model.features].
    """
    model, w, _, _ = setting(student, rng)
    train_step = student.make_train_step(model, 0.0)
    for features in (2, 4):
        x, y = batch(rng, 5, features)
        with raises("TypeError", "ValueError"):
            train_step(tensor(x), tensor(y), 0)
    close(value(model.w), w, "w after the refusals")
    x, y = batch(rng, 5)
    loss = as_numbers(train_step(tensor(x), tensor(y), 0), "the loss of a batch that fits")
    check(loss.shape == (), "a batch that fits must be accepted", got=loss)
    close(value(model.w), w, "w after a step with a learning rate of 0")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "class Scaled(tf.Module):\n"
    "    features = 1\n"
    "\n"
    "    def __init__(self):\n"
    "        self.a, self.unused = tf.Variable(1.0), tf.Variable(3.0)\n"
    "        self.fixed = tf.Variable(2.0, trainable=False)\n"
    "\n"
    "    def __call__(self, x):\n"
    "        return self.fixed * self.a * x[:, 0]\n"
    "\n"
    "model = Scaled()\n"
    "make_train_step(model, 0.1)(tf.constant([[1.0], [0.0]]), tf.constant([1.0, 0.0]), 0)\n"
    "[round(float(variable), 4) for variable in (model.a, model.fixed, model.unused)]",
    gives=[0.8, 2.0, 3.0],
)
def test_every_trainable_variable(student, rng):
    """Whatever the model, all its trainable variables on which the loss depends are moved, and only these.

    Hint: take model.trainable_variables, in which are those of its parts and lists, each once, and nothing by name. Of
    one that the loss does not depend on, the gradient is None. A tape watches more than what is the model's. Return
    the loss that was computed on the tape: a model with noise answers a second call otherwise.
    """
    model, outside = student.run(function_from, CURVE, autograph=True)
    rate = float(rng.uniform(0.01, 0.05))
    x, y = batch(rng, 6, 2)
    weights, slope, offset, scale = np.ones(2), 0.5, 0.25, 2.0
    error = scale * slope * x @ weights + offset - y
    train_step = student.make_train_step(model, rate)
    before = as_numbers(value(model.calls), "the calls before the step")
    train_step(tensor(x), tensor(y), 0)
    close(value(model.first), weights - rate * 2 * scale * slope * error @ x / 6, "the vector")
    close(value(model.part.slope), slope - rate * 2 * scale * np.mean(error * (x @ weights)), "the variable of a part")
    close(value(model.offset), offset - rate * 2 * np.mean(error), "the scalar")
    close(value(model.scale), scale, "the variable that is not trainable")
    close(value(model.idle), np.full(7, 1.5), "the variable on which the loss does not depend")
    close(value(outside), 1.0, "the variable that is no part of the model")
    calls = float(as_numbers(value(model.calls), "the calls after the step") - before)
    check(calls == 1.0, "a step must call the model once", got=calls)


@pytest.mark.points(1)
@pytest.mark.example(
    "model = Regression(1)\n"
    "model.w.assign([1.0])\n"
    "x, y, train_step = tf.constant([[1.0], [2.0]]), tf.constant([1.0, 3.0]), make_train_step(model, 0.1)\n"
    "losses = [round(float(train_step(x, y, step)), 4) for step in (0, 1)]\n"
    "graph = train_step.get_concrete_function().graph\n"
    '{"losses": losses, "calls Python": any("PyFunc" in node.op for node in graph.as_graph_def().node)}',
    gives={"losses": [0.5, 0.17], "calls Python": False},
)
def test_the_graph_trains_by_itself(student, clean, rng):
    """Saved and loaded elsewhere, without your Python, the graph goes on training, on batches of other sizes.

    Hint: gradients and updates must be in the graph: open the tape inside the tf.function, and assign there.
    """
    model, w, b, rate = setting(student, rng)
    saved = student.run(save_step, student.make_train_step(model, rate), model, "training")
    check(saved is True, "train_step must be a tf.function with an input_signature")
    batches = [(*batch(rng, rows), step) for step, rows in enumerate((5, 2, 9))]
    calls = [("step", {"x": x, "y": y, "step": np.int64(step)}) for x, y, step in batches]
    answers = clean.saved_model(student.run(read_folder, "training"), calls)
    for step, (answer, loss) in enumerate(zip(answers, descend(w, b, batches, rate)[2], strict=True)):
        close(answer["loss"], loss, f"the loss of step {step}")
