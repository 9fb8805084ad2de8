"""Hidden tests of task 9: an epoch in Keras with a GradientTape, compared with gradient descent in numpy."""

import numpy as np
import pytest

from autograder.graders.cnn_layers.oracles import close, descend, one_by_one, ragged, read_once, sent, tensor
from autograder.grading import as_numbers, assert_close, check, probe

SIZES = (6, 6, 1)
RATE = 0.2
MOMENTUM = 0.5


@probe
def mean_cross_entropy(y, outputs):
    import tensorflow as tf

    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=outputs))


@probe
def a_millionth_of_the_cross_entropy(y, outputs):
    """Of targets of another kind: each is a row, which begins with half of the class."""
    import tensorflow as tf

    labels = tf.cast(2 * y[:, 0], tf.int64)
    return 1e-6 * tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=outputs))


@probe
def linear(w, b, rate, deep):
    """A linear layer that notes how, and how often, it is called; before it there may be one more, inside a model.

    It has a penalty on its weights, and a model that is not deep an optimizer and a loss of its own: nobody has asked
    for these.
    """
    import keras
    import numpy as np
    import tensorflow as tf

    class Watched(keras.layers.Dense):
        def call(self, x, training=None):
            calls.append(bool(training))
            runs.assign_add(1)  # a tf.function runs it more often than it calls it
            return super().call(x)

    calls, runs = [], tf.Variable(0)
    layers = [Watched(len(b), kernel_regularizer="l2")]
    if deep:
        inside = keras.layers.Dense(len(w))
        layers.insert(0, keras.Sequential([keras.layers.Rescaling(1.0), inside]))
    model = keras.Sequential(layers)
    model.build((None, len(w)))
    if deep:
        inside.set_weights([np.eye(len(w)), np.zeros(len(w))])
    else:
        model.compile(keras.optimizers.SGD(10 * rate), "mse")
    model.layers[-1].set_weights([w, b])
    calls.clear()
    runs.assign(0)
    model.noted = lambda: [list(calls), int(runs)]  # Keras would copy a list that is an attribute
    return model, keras.optimizers.SGD(rate)


@probe
def branching(w, b, rate, momentum):
    """A linear layer behind the sum of two halves of what comes in: no stack of layers.

    Another layer has variables, and adds nothing to the result.
    """
    import keras
    import tensorflow as tf

    class Branching(keras.Model):
        def __init__(self):
            super().__init__()
            self.half, self.trained = keras.layers.Rescaling(0.5), trained
            self.idle = keras.layers.Dense(len(w))
            self.idle.build((None, len(w)))

        def build(self, shape):
            self.trained.build(shape)

        def call(self, x):
            return self.trained(self.half(x) + self.half(x) + 0.0 * self.idle(x))

    def holding(values):
        return lambda shape, dtype=None: tf.constant(values, dtype)

    trained = keras.layers.Dense(len(b), kernel_initializer=holding(w), bias_initializer=holding(b))
    model = Branching()
    model(tf.zeros((1, len(w))))  # now it has its variables
    return model, trained, keras.optimizers.SGD(rate, momentum)


@probe
def normalizing(rate):
    import keras

    layer = keras.layers.BatchNormalization(axis=-1, momentum=0.5)
    return keras.Sequential([keras.Input((4,)), layer]), layer, keras.optimizers.SGD(rate)


@probe
def running_mean(layer):
    return layer.moving_mean.numpy()


@probe
def steps_of(optimizer):
    return int(optimizer.iterations)


@probe
def after_each_epoch(tape_epoch, model, batches, loss_fn, optimizer, rate):
    """Weights and losses of three epochs: the layer inside is frozen after the first, the third has its own rate."""
    import keras

    found, losses = [], []
    for each in (optimizer, optimizer, keras.optimizers.SGD(rate)):
        losses.append(tape_epoch(model, batches, loss_fn, each))
        found.append(model.get_weights())
        model.layers[0].layers[-1].trainable = False
    return found, losses


THREE_EPOCHS = after_each_epoch.typed(
    "tape_epoch(model, batches, loss_fn, optimizer)",
    "inside = model.layers[0].layers[-1]; inside.trainable = False",
    "tape_epoch(model, batches, loss_fn, optimizer)",
    "tape_epoch(model, batches, loss_fn, keras.optimizers.SGD(...))  # the weights after each epoch",
)


@probe
def noted(model):
    return model.noted()


@probe
def weights(model):
    return model.get_weights()


def drawn(rng):
    """A weight, a bias, and ragged batches."""
    w, b = rng.normal(size=(4, 3)).astype(np.float32), rng.normal(size=3).astype(np.float32)
    return w, b, ragged(rng, SIZES)


def in_halves(batches):
    """The batches as tensors, with half of each class and a zero as the target of a sample."""
    targets = [np.stack([y / 2, 0 * y], axis=1) for _, y in batches]
    return [
        (tensor(x, framework="tensorflow"), tensor(y, framework="tensorflow"))
        for (x, _), y in zip(batches, targets, strict=True)
    ]


def setting(student, rng, deep=False):
    """A model, its optimizer, its weights, and ragged batches."""
    w, b, batches = drawn(rng)
    model, optimizer = student.run(linear, w, b, RATE, deep)
    return model, optimizer, w, b, batches


@pytest.mark.points(1)
@pytest.mark.example(
    "model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer='ones')])\n"
    "batch = tf.constant([[1.0]]), tf.constant([[3.0]])\n"
    "tape_epoch(model, [batch], lambda y, out: tf.reduce_mean((out - y) ** 2), keras.optimizers.SGD(0.25))\n"
    "model.get_weights()[0]",
    gives=[[2.0]],
)
def test_steps(student, rng):
    """Each batch takes one step along the gradient of its loss, whatever the layers of the model.

    Hint: call the model, not its layers, inside the tape; optimizer.apply_gradients takes pairs (gradient, variable).
    """
    w, b, batches = drawn(rng)
    expected_w, expected_b, _ = descend(w, b, batches[:-1], RATE, MOMENTUM)
    x = (np.array([1e4, 0.0, -1e4]) - expected_b) @ np.linalg.pinv(expected_w)  # the logits are 10,000, 0 and -10,000
    batches[-1] = x[None].astype(np.float32), np.array([2])  # the last step is a large one
    model, trained, optimizer = student.run(branching, w, b, RATE, MOMENTUM)
    stream = student.run(one_by_one, sent(batches, "tensorflow"))
    student.tape_epoch(model, stream, mean_cross_entropy, optimizer)
    expected_w, expected_b, _ = descend(w, b, batches, RATE, MOMENTUM)
    got = student.run(weights, trained)
    assert_close(got[0], expected_w, what="the weight after 3 batches", rtol=1e-4, atol=1e-4)
    close(got[1], expected_b, "the bias after 3 batches")
    steps = student.run(steps_of, optimizer)
    check(steps == len(batches), "the optimizer must have taken one step for each batch", got=steps)


@pytest.mark.points(1)
@pytest.mark.example(
    "model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer='ones')])\n"
    "batches = [(tf.ones((3, 1)), 3 * tf.ones((3, 1))), (tf.ones((1, 1)), 3 * tf.ones((1, 1)))]\n"
    "batches = (batch for batch in batches)\n"
    "tape_epoch(model, batches, lambda y, out: tf.reduce_mean((out - y) ** 2), keras.optimizers.SGD(0.25))  # 4 and 1",
    gives=3.25,
)
def test_mean_over_samples(student, rng):
    """The loss that comes back is the mean over all samples: with a smaller last batch too, and from a generator.

    Hint: multiply each batch's loss by its size, add up, and divide by the number of samples. Go through the batches
    once, and count as they come. Keep nothing for the next epoch, which may have another loss function, and y of
    another kind: hand y on as it comes.
    """
    model, optimizer, w, b, batches = setting(student, rng)
    stream = student.run(one_by_one, sent(batches, "tensorflow"))
    loss = student.tape_epoch(model, stream, mean_cross_entropy, optimizer)
    check(isinstance(loss, float), "the loss must be a Python float", got=loss)
    w, b, losses = descend(w, b, batches, RATE)
    close(loss, losses.mean(), "the mean loss")
    stream = student.run(read_once, in_halves(batches))  # it has a length
    loss = student.tape_epoch(model, stream, a_millionth_of_the_cross_entropy, optimizer)
    expected = descend(w, b, batches, 1e-6 * RATE)[2].mean()
    what = "a million times the mean loss of a second epoch, with y in two columns and a loss of about a millionth,"
    close(1e6 * as_numbers(loss, "the loss"), expected, what)
    steps = student.run(steps_of, optimizer)
    check(steps != len(batches), "in a second epoch the optimizer must go on, and not begin anew", got=steps)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "norm = keras.layers.BatchNormalization(momentum=0.5)\n"
    "model = keras.Sequential([keras.Input((1,)), norm])\n"
    "batch = tf.constant([[2.0], [4.0]]), tf.zeros((2, 1))\n"
    "tape_epoch(model, [batch], lambda y, out: tf.reduce_mean((out - y) ** 2), keras.optimizers.SGD(0.1))\n"
    "float(norm.moving_mean[0])",
    gives=1.5,
)
def test_training_mode(student, rng):
    """The model is called as in training.

    Hint: model(x, training=True). Keras keeps no mode in the model: it is said at each call.
    """
    model, optimizer, _, _, batches = setting(student, rng)
    student.tape_epoch(model, sent(batches, "tensorflow"), mean_cross_entropy, optimizer)
    calls, runs = student.run(noted, model)
    idle = calls.count(False)  # one that makes the variables, in use, leaves no trace
    check(any(calls) and idle <= 1, "every call of a step must be one with training=True", got=calls)
    check(runs == len(batches) + idle, "the model must be run once for each batch", got=runs)
    model, layer, optimizer = student.run(normalizing, RATE)
    student.tape_epoch(model, sent(batches, "tensorflow"), mean_cross_entropy, optimizer)
    expected = np.zeros(4)
    for x, _ in batches:
        expected = (expected + x.mean(axis=0)) / 2
    close(student.run(running_mean, layer), expected, "the running mean of a BatchNormalization after 3 batches")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "one, two = (keras.layers.Dense(1, use_bias=False, kernel_initializer='ones') for _ in range(2))\n"
    "model, sgd = keras.Sequential([keras.Input((1,)), one, two]), keras.optimizers.SGD(0.25)\n"
    "loss, batches = keras.losses.MeanSquaredError(), [(tf.constant([[1.0]]), tf.constant([[3.0]]))]\n"
    "tape_epoch(model, batches, loss, sgd)  # both become 2\n"
    "one.trainable = False\n"
    "tape_epoch(model, batches, loss, sgd)\n"
    "[float(layer.get_weights()[0][0, 0]) for layer in (one, two)]",
    gives=[2.0, 1.0],
)
def test_frozen_layers_stay(student, rng):
    """A frozen layer keeps its weights while the others are trained.

    Hint: model.trainable_variables, for the gradient and for the optimizer, asked for anew: a layer may be frozen
    between two epochs. A tf.function keeps what was trainable, and the optimizer, when it was traced.
    """
    model, optimizer, _, _, batches = setting(student, rng, deep=True)
    asked = (model, sent(batches, "tensorflow"), mean_cross_entropy, optimizer)
    found, losses = student.run(THREE_EPOCHS, student.tape_epoch, *asked, RATE / 2)
    check(all(len(got) == 4 for got in found), "there must be two weights and two biases", got=[len(f) for f in found])
    first, second, third = ([as_numbers(w, "a weight").astype(np.float64) for w in got] for got in found)
    check(all(np.isfinite(w).all() for w in first), "the weights must be finite numbers")
    check(not np.allclose(first[0], np.eye(4), atol=1e-3), "a layer that is not frozen must be trained")
    close(second[0], first[0], "the weight of a layer that was frozen after the first epoch")
    hidden = [(x @ first[0] + first[1], y) for x, y in batches]
    expected_w, expected_b, _ = descend(first[2], first[3], hidden, RATE)
    close(second[2], expected_w, "the weight of the other layer after the second epoch")
    close(third[0], first[0], "the weight of the frozen layer after an epoch with another optimizer")
    expected_w, _, _ = descend(expected_w, expected_b, hidden, RATE / 2)
    apart = len({float(as_numbers(loss, "a loss")) for loss in losses}) == 3
    check(apart, "each of three epochs of the same batches must have its own loss", got=losses)
    close(third[2], expected_w, "the weight of the other layer after an epoch with another optimizer")
