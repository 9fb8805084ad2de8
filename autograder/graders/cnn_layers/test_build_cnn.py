"""Hidden tests of task 4: the network in Keras, judged by its weights, values, loss and gradients as data."""

import numpy as np
import pytest

from autograder.graders.cnn_layers import oracles
from autograder.graders.cnn_layers.oracles import close, keras_layers, tensor
from autograder.graders.oracles import KERAS_SHAPES, draw_weights, from_keras, to_keras
from autograder.grading import as_numbers, assert_close, check, probe, same

MOST = -np.log(1e-7)  # what Keras' loss of a probability is at most, with a gradient of 0; that of logits has no bound


@probe
def load(model, weights):
    model.set_weights(weights)


@probe
def all_take_part(model, x):
    import numpy as np

    weights, before = model.get_weights(), np.asarray(model(x))
    for place in range(len(weights)):
        model.set_weights([-w if at == place else w for at, w in enumerate(weights)])
        if np.allclose(np.asarray(model(x)), before):
            return False
    model.set_weights(weights)
    return True


@probe
def cleared(model):
    model.set_weights([0 * w for w in model.get_weights()])


@probe
def loss_of(model, x, y):
    """The loss, and whether the outputs are probabilities."""
    import numpy as np

    outputs = model(x, training=False)
    found = np.asarray(outputs)
    probabilities = bool(np.all(found >= 0) and np.allclose(found.sum(axis=1), 1, atol=1e-4))
    return float(model.compute_loss(y=y, y_pred=outputs)), probabilities


@probe
def loss_in_use(model, x, y):
    """The loss as Keras computes it in a compiled model's own loop, in a graph unless the model says otherwise."""
    return float(model.test_on_batch(x, y, return_dict=True)["loss"])


@probe
def gradients_of_loss(model, x, y):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = model.compute_loss(y=y, y_pred=model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_weights)
    return [None if g is None else tf.convert_to_tensor(g) for g in gradients]


def weights_of(student, model):
    """The model's weights in the order and form of PyTorch's."""
    layers, _ = student.run(keras_layers, model)
    return from_keras(oracles.flat(layers, oracles.arranged(layers, KERAS_SHAPES)))


def put(student, model, weights):
    """Give the model these weights, which are in the order and form of PyTorch's."""
    order = oracles.arranged(student.run(keras_layers, model)[0], KERAS_SHAPES)
    kept = to_keras(weights)
    student.run(load, model, [kept[2 * place + part] for place in np.argsort(order) for part in (0, 1)])


def built(student, rng, count):
    """A model with the grader's weights, so that what it computes cannot be chosen; these, images and labels."""
    model = student.build_cnn()
    put(student, model, [np.float32(1.5) * w for w in draw_weights(rng)])  # large, so that it is sure of something
    x = rng.uniform(0, 1, size=(count, 28, 28)).astype(np.float32)
    return model, weights_of(student, model), x, rng.integers(0, 10, size=count)


def sent(x):
    """Images as Keras wants them."""
    return tensor(x[..., None], "float32", "tensorflow")


def meaning(outputs):
    """What makes of logits what these are: probabilities, their logarithms, which are logits too, or any logits."""
    for made, shares in ((lambda z: np.exp(oracles.log_softmax(z)), outputs), (oracles.log_softmax, np.exp(outputs))):
        if np.all(shares >= 0) and np.allclose(shares.sum(axis=1), 1, atol=1e-4):
            return made
    return np.asarray


@pytest.mark.points(1)
@pytest.mark.example("sum(int(np.prod(w.shape)) for w in build_cnn().trainable_weights)", gives=21840)
def test_weights(student, rng):
    """The model has the weights of two convolutions and two dense layers, 21,840 numbers, trainable and in use.

    Hint: Conv2D(10, 5), Conv2D(20, 5), Dense(50), Dense(10): each has a bias unless you say otherwise.
    """
    model, _, x, _ = built(student, rng, 4)
    _, trainable = student.run(keras_layers, model)
    check(trainable is True, "all weights must be trainable")
    check(student.run(all_take_part, model, sent(x)) is True, "the outputs must depend on every weight")


@pytest.mark.points(1)
@pytest.mark.example(
    "model = build_cnn()\n"
    "bias = -np.arange(10.0)  # of the last layer; all else is 0\n"
    "model.set_weights([bias if w.shape == (10,) else 0 * w for w in model.get_weights()])\n"
    "y = np.asarray(model(np.zeros((1, 28, 28, 1), 'float32')))[0]\n"
    "bool(y[0] > y[1] > y[2])",
    gives=True,
)
def test_outputs(student, rng):
    """For new images the outputs are the logits, or the probabilities, that any weights of the model give.

    Hint: no activation, or softmax, after the last layer; ReLU after the others but the pooling.
    """
    model, weights, x, _ = built(student, rng, 4)
    got, logits = as_numbers(model(sent(x)), "the outputs"), oracles.logits(weights, x)
    check(got.shape == (4, 10), "4 images must give 4 rows of 10 outputs", got=got.shape)
    meant = meaning(got)
    close(got, meant(logits), "the outputs of 4 images")
    outputs = model(sent(x := 30 * rng.normal(size=(4, 28, 28)).astype(np.float32)))
    check(outputs.dtype == "float32", "the outputs must be float32", got=outputs.dtype)
    got, wanted = as_numbers(outputs, "the outputs") / 30, meant(oracles.logits(weights, x)) / 30
    close(got, wanted, "a thirtieth of the outputs of 4 images with pixels below 0 and above 1")


@pytest.mark.points(1)
@pytest.mark.example(
    "model = build_cnn()\n"
    "bias = np.log([1.0] + 9 * [1 / 9])  # a softmax gives the first class 1/2\n"
    "model.set_weights([bias if w.shape == (10,) else 0 * w for w in model.get_weights()])\n"
    "outputs = model(np.zeros((2, 28, 28, 1), 'float32'))\n"
    "float(model.compute_loss(y=np.array([0, 0]), y_pred=outputs))  # -log(1/2)",
    gives=0.693147,
)
def test_loss_fits(student, rng):
    """The loss that the model is compiled with is the cross-entropy of what its outputs mean, averaged over samples.

    Hint: from_logits=True says that the outputs are logits. After a softmax they are not. A batch may be a single
    image: a loss of your own must leave its labels their axis, so no squeeze. The loss of logits may be large: no
    logarithm of a softmax, and no bound.
    """
    model, weights, x, y = built(student, rng, 13)
    logits = oracles.logits(weights, x)
    y[:3] = logits[:3].argmin(axis=1)  # these are below zero: what a ReLU makes of them shows in the loss
    y[3:] = rng.permutation(10)  # each class counts
    for kind, count, images in (("int64", 13, "13 images"), ("int32", 1, "one image")):
        losses = oracles.cross_entropy(logits[:count], y[:count])
        got, probabilities = student.run(loss_of, model, sent(x[:count]), tensor(y[:count], kind, "tensorflow"))
        bounded = np.minimum(losses, MOST).mean()
        near = probabilities and np.isclose(as_numbers(got, "the loss"), bounded, rtol=1e-4)
        close(got, bounded if near else losses.mean(), f"the loss of {images} with labels in {kind}")
    used = student.run(loss_in_use, model, sent(x[:1]), tensor(y[:1], "int64", "tensorflow"))
    near = probabilities and np.isclose(as_numbers(used, "the loss"), bounded, rtol=1e-4)  # a graph may find the logits
    images = "one image in Keras' own loop, which makes a graph of it,"
    close(used, bounded if near else losses.mean(), f"the loss of {images}")
    if not probabilities:  # whose logarithm has a bound, in Keras too
        large = 30 * x[:3]
        logits = oracles.logits(weights, large)
        labels = logits.argmin(axis=1)
        got, _ = student.run(loss_of, model, sent(large), tensor(labels, "int64", "tensorflow"))
        loss = float(oracles.cross_entropy(logits, labels).mean())
        assert_close(got, loss, what="the loss of logits that are sure of a wrong digit", rtol=1e-3)


@pytest.mark.points(1)
@pytest.mark.example(
    "model = build_cnn()\n"
    "bias = np.log([1.0] + 9 * [1 / 9])  # a softmax gives the first class 1/2\n"
    "model.set_weights([bias if w.shape == (10,) else 0 * w for w in model.get_weights()])\n"
    "with tf.GradientTape() as recorded:\n"
    "    outputs = model(np.zeros((2, 28, 28, 1), 'float32'))\n"
    "    loss = model.compute_loss(y=np.array([0, 0]), y_pred=outputs)\n"
    "gradients = recorded.gradient(loss, model.weights)\n"
    "sum(float(g[0]) for g in gradients if g.shape == (10,))  # 1/2 - 1",
    gives=-0.5,
)
def test_gradients(student, rng):
    """Every weight gets the gradient of that loss.

    Hint: softmax twice, or a ReLU at the end, flattens the gradient.
    """
    model, weights, x, _ = built(student, rng, 20)
    x = x[np.argsort(oracles.clearance(weights, x))[-5:]]  # in float32 a kink must not be met
    logits = oracles.logits(weights, x)
    shares = oracles.log_softmax(logits)
    y = np.array([rng.choice(np.flatnonzero(row > 5 - MOST)) for row in shares])  # no bound of a logarithm is near
    weights[-1] -= np.float32(1 + np.take_along_axis(logits, y[:, None], axis=1).max())  # a softmax does not see it
    put(student, model, weights)  # so the logits of the labels are below zero
    got = student.run(gradients_of_loss, model, sent(x), tensor(y, "int64", "tensorflow"))
    check(isinstance(got, list) and len(got) == 8, "there must be 8 gradients, one for each weight and bias")
    check(all(g is not None for g in got), "every weight must have a gradient")
    layers = [got[place : place + 2] for place in range(0, 8, 2)]
    found = from_keras(oracles.flat(layers, oracles.arranged(layers, KERAS_SHAPES)))
    error = np.exp(shares) - np.eye(10)[y]
    for g, wanted in zip(found, oracles.gradients(weights, x, error / 5), strict=True):
        close(g, wanted, f"the gradient of the weight that PyTorch would keep as {wanted.shape}")


@pytest.mark.points(1)
@pytest.mark.example(
    "one, two = build_cnn(), build_cnn()\n"
    "y = one(np.zeros((1, 28, 28, 1), 'float32'))\n"
    "{'two models': one is not two, 'one image': list(y.shape)}",
    gives={"two models": True, "one image": [1, 10]},
)
def test_each_call_builds_anew(student, rng):
    """Each call builds a model of its own, for batches of any size.

    Hint: make the layers inside the function, and leave the batch's size open: Input((28, 28, 1)).
    """
    one, _, x, _ = built(student, rng, 3)
    other = student.build_cnn()
    student.run(cleared, other)
    kept = all(np.any(w) for w in weights_of(student, one))
    check(kept, "another model must not share its weights with the first, of no layer")
    apart = not same(one.optimizer, other.optimizer)
    check(apart, "another model must have an optimizer of its own: one that has trained a model takes no other")
    together = as_numbers(one(sent(x)), "the outputs of 3 images")
    check(together.shape == (3, 10), "3 images must give 3 rows of 10 outputs", got=together.shape)
    check(not np.allclose(together[0], together[1]), "two images must not have the same outputs")
    close(one(sent(x[:1])), together[:1], "the outputs of one image alone")
