"""Hidden tests of task 10: a TF1 loop ported to TF2. What is right is computed in numpy."""

import numpy as np
import pytest

from autograder.graders.session_graphs.oracles import softmax_descent
from autograder.grading import as_numbers, assert_close, check, is_a, probe, same, type_name, value

NEAR = {"rtol": 1e-3, "atol": 1e-4}


@probe
def trainable(model):
    return sorted(v.numpy().shape for v in model.trainable_variables)


@probe
def traced(model, x):
    """What the model gives for a tensor inside a tf.function."""
    import tensorflow as tf

    return tf.function(lambda x: model(x))(tf.constant(x))


@probe
def trained_twice(train, model, batches, *rates):
    """The weights after each of two calls with the same list of batches."""
    found = []
    for rate in rates:
        train(model, batches, rate)
        found.append((model.w.numpy(), model.b.numpy()))
    return found


@probe
def without_tensorflow_1(train, model, batches, rate):
    import sys

    import tensorflow as tf

    v1 = tf.compat.v1
    kind = v1.Session.__mro__[1]
    before, notebook = kind.run, getattr(train, "__globals__", {})
    names = [name for name, thing in notebook.items() if thing is v1]

    class Refusing:
        def __getattr__(self, name):
            if sys._getframe(1).f_globals is notebook:  # not TensorFlow itself, which may use what it likes
                raise RuntimeError("tf.compat.v1 was used")
            return getattr(v1, name)

    def run(*arguments, **options):
        raise RuntimeError("a session of TensorFlow 1 was used")

    kind.run, tf.compat.v1 = run, Refusing()
    notebook.update(dict.fromkeys(names, tf.compat.v1))
    try:
        return train(model, batches, rate), tf.executing_eagerly()
    finally:
        kind.run, tf.compat.v1 = before, v1
        notebook.update(dict.fromkeys(names, v1))


def problem(rng, classes=4, features=3, far=60.0):
    """Batches of different sizes and dtypes; initial weights, a learning rate. Each first loss is about ``far``."""
    batches = [(rng.normal(size=(n, features)), rng.integers(classes, size=n)) for n in (5, 3, 8, 1)]
    w, b, x = rng.normal(size=(features, classes)), rng.normal(size=classes), batches[0][0]
    apart = max((u - v for u in w.T for v in w.T), key=np.linalg.norm)  # short ones would need large inputs
    x = x + far * apart / (apart @ apart)
    batches[0] = x, (x @ w + b).argmin(axis=1)
    batches[1] = np.float32(batches[1][0]), batches[1][1]
    return batches, w, b, float(rng.uniform(0.2, 0.6))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "model = SoftmaxRegression(np.array([[1.0, 2.0]]), np.array([0.5, 0.0]))\n"
    "said = [model(x).numpy() for x in (np.array([[3.0]]), tf.constant([[3.0]]))]\n"
    "[*said, str(said[0].dtype)]",
    gives=[[[3.5, 6.0]], [[3.5, 6.0]], "float32"],
)
def test_logits(student, rng):
    """The model begins with the weights it is given and computes x w + b in float32, for arrays and for tensors.

    Hint: tf.matmul wants both in float32; tf.cast takes arrays and tensors.
    """
    _, w, b, _ = problem(rng)
    x = rng.normal(size=(6, 3))
    model = student.SoftmaxRegression(w, b)
    single, half = np.float32(x), np.float16(x)
    tensor = student.tf.constant(single)
    forms = (x, "an array"), (single, "a float32 array"), (half, "a float16 array"), (tensor, "a tensor")
    answers = [(model(form), np.float64(half) if form is half else x, what) for form, what in forms]
    answers.append((student.run(traced, model, single), x, "a tensor in a tf.function"))
    for said, known, what in answers:
        check("Tensor" in type_name(said), f"model(x) must be a tensor for {what}", got=type_name(said))
        logits = as_numbers(said, f"model(x) for {what}")
        assert_close(logits, known @ w + b, what=f"model(x) for {what}", **NEAR)
        check(str(logits.dtype) == "float32", f"model(x) must be float32 for {what}", got=str(logits.dtype))
    assert_close(model.w, w, what="model.w", rtol=1e-5)
    assert_close(model.b, b, what="model.b", rtol=1e-5)


@pytest.mark.points(1)
@pytest.mark.example(
    "model = SoftmaxRegression(np.array([[1.0, 0.0]]), np.zeros(2))\n"
    "batch = (np.array([[1.0], [1.0]]), np.array([0, 0]))\n"
    "losses = train_v2(model, [batch, batch], 1.0)\n"
    "[*losses, type(losses).__name__]",
    gives=[0.313262, 0.118192, "list"],
)
def test_losses(student, rng):
    """train_v2 returns the loss of each batch before its step, the same numbers as the old loop.

    Hint: mean over the batch; the loss that belongs to the gradient, not that after the step. Losses can be large: the
    loss function wants logits, for the logarithm of a softmax has lost the small probabilities.
    """
    batches, w, b, rate = problem(rng, far=200.0)  # where a softmax underflows
    model = student.SoftmaxRegression(w, b)
    losses = softmax_descent(batches, w, b, rate)[2]
    got = student.train_v2(model, batches, rate)
    floats = is_a(got, list) and all(is_a(loss, float) for loss in got)
    check(floats, "the losses must be a list of float", got=got)
    assert_close(got, losses, what="the list of losses", **NEAR)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "model = SoftmaxRegression(np.array([[2.0, 2.0]]), np.zeros(2))\n"
    "train_v2(model, [(np.array([[1.0], [1.0]]), np.array([0, 0]))], 1.0)\n"
    "np.vstack([model.w.numpy(), model.b.numpy()])",
    gives=[[2.5, 1.5], [0.5, -0.5]],
)
def test_weights(student, rng):
    """After the loop the weights are those of plain gradient descent, and a second call goes on from there.

    Hint: v.assign_sub(learning_rate * g), however long g is.
    """
    batches, w, b, rate = problem(rng)
    model = student.SoftmaxRegression(w, b)
    rates = rate, 0.7 * rate
    found = student.run(trained_twice, student.train_v2, model, batches, *rates)
    for times, rate, (got_w, got_b) in zip(("the first", "the second"), rates, found, strict=True):
        w, b, _ = softmax_descent(batches, w, b, rate)
        assert_close(got_w, w, what=f"model.w after {times} call with the same list of batches", **NEAR)
        assert_close(got_b, b, what=f"model.b after {times} call with the same list of batches", **NEAR)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "model = SoftmaxRegression(np.array([[2.0, 2.0]]), np.zeros(2))\n"
    "w, b = model.w, model.b\n"
    "train_v2(model, [(np.array([[1.0]]), np.array([0]))], 1.0)\n"
    "[model.w is w, model.b is b, len(model.trainable_variables), bool(w.numpy()[0, 0] != 2.0), w.dtype.name]",
    gives=[True, True, 2, True, "float32"],
)
def test_variables_stay_the_same(student, rng):
    """w and b are trainable float32 variables of the module, and training changes their values, not the objects.

    Hint: tf.Variable in __init__, assign_sub in the loop; `self.w = …` in the loop makes a new object.
    """
    batches, w, b, rate = problem(rng)
    model = student.SoftmaxRegression(w, b)
    before = model.w, model.b
    check("Variable" in type_name(before[0]), "model.w must be a tf.Variable", got=type_name(before[0]))
    types = sorted({str(value(v).dtype) for v in before})
    check(types == ["float32"], "w and b must be float32", got=", ".join(types))
    shapes = value(student.run(trainable, model))
    check(shapes == [(3, 4), (4,)], "trainable_variables of the module must be w and b", got=shapes)
    student.train_v2(model, batches, rate)
    check(same(model.w, before[0]) and same(model.b, before[1]), "w and b must be the same objects after training")
    check(float(np.abs(value(model.w) - w).max()) > 1e-3, "training must have changed w")


@pytest.mark.points(0.5)
def test_no_session(student, rng):
    """The new loop uses no session of TensorFlow 1, nor anything else of tf.compat.v1.

    Hint: tf.GradientTape, and plain calls.
    """
    batches, w, b, rate = problem(rng)
    batches[1] = np.nan * batches[1][0], batches[1][1]  # the loop goes on where a loss is no number
    model = student.SoftmaxRegression(w, b)
    losses, eager = value(student.run(without_tensorflow_1, student.train_v2, model, batches, rate))
    check(as_numbers(losses, "the list of losses").shape == (4,), "four batches must give four losses", got=losses)
    check(eager is True, "TensorFlow must still compute at once outside of graphs")
