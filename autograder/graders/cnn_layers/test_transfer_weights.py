"""Hidden tests of task 6: the same weights in both frameworks. Both networks are the grader's."""

from contextlib import suppress

import numpy as np
import pytest

from autograder.graders.cnn_layers import oracles
from autograder.graders.cnn_layers.oracles import tensor
from autograder.graders.oracles import draw_weights, to_keras
from autograder.grading import StudentError, assert_close, check, probe, value


@probe
def keras_network(frozen=False):
    """A network in Keras; one of the convolutions and one of the dense layers are of classes of their own."""
    import keras
    from keras import layers

    class Filters(layers.Conv2D):
        pass

    class Affine(layers.Dense):
        pass

    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(10, 5, name="second")(image)
    x = layers.ReLU()(layers.MaxPooling2D()(x))
    x = Filters(20, 5, name="first", trainable=not frozen)(x)
    x = layers.Flatten()(layers.ReLU()(layers.MaxPooling2D()(x)))
    model = keras.Model(image, Affine(10, name="by")(layers.Dense(50, activation="relu", name="hidden")(x)))
    if frozen:
        model.compile("sgd", "mse")
    return model


@probe
def keras_weights(model):
    return model.get_weights()


@probe
def kept_beside(transfer_weights, net, model):
    """Transfers weights; whether the Keras model has the variables, what is trained, optimizer and loss as before."""

    def parts():
        trained = [layer.trainable for layer in model.layers]
        return [*model.weights, model.optimizer, model.loss], trained

    held, trained = parts()
    transfer_weights(net, model)
    held_after, trained_after = parts()
    same = len(held) == len(held_after) and all(one is other for one, other in zip(held, held_after, strict=True))
    return same, trained == trained_after


@probe
def torch_weights(net):
    return [p.detach() for p in net.parameters()]


@probe
def turned(net):
    """The network with the sign of each parameter turned."""
    import torch

    with torch.no_grad():
        for p in net.parameters():
            p.neg_()


@probe
def in_use(net):
    """A network of which a part is frozen and another in evaluation mode, with gradients."""
    import torch

    next(net.parameters()).requires_grad_(False)
    for p in net.parameters():
        p.grad = torch.ones_like(p)
    next(net.children()).eval()


@probe
def doubled(net):
    """The network in float64, with numbers that float32 does not have."""
    import torch

    net.double()
    with torch.no_grad():
        for p in net.parameters():
            p.mul_(1 + 1e-9)


@probe
def torch_state(net):
    """The modes and attributes of its modules; of each parameter whether it is trained, type, layout, and sums."""

    def total(numbers):
        return None if numbers is None else float(numbers.detach().sum())

    parameters = [[p.requires_grad, str(p.dtype), list(p.stride()), total(p), total(p.grad)] for p in net.parameters()]
    return [[(m.training, sorted(vars(m))) for m in net.modules()], parameters]


def transferred(student, rng):
    """Weights in PyTorch's form, the network that has them, and the model after they were transferred."""
    weights = draw_weights(rng)
    net, model = student.run(oracles.torch_network, weights), student.run(keras_network)
    student.transfer_weights(net, model)
    return weights, net, model


@pytest.mark.points(1)
@pytest.mark.example(
    "net, model = ConvNet(), build_cnn()\n"
    "transfer_weights(net, model)\n"
    "x = np.linspace(0, 1, 28 * 28).reshape(1, 28, 28)\n"
    "ours = F.softmax(net(for_torch(x)), dim=1).detach().numpy()\n"
    "theirs = np.asarray(model(for_keras(x)))\n"
    "if abs(theirs.sum() - 1) > 1e-3:  # logits\n"
    "    theirs = tf.nn.softmax(theirs).numpy()\n"
    "bool(np.allclose(theirs, ours, atol=1e-5))",
    gives=True,
)
def test_the_frameworks_agree(student, rng):
    """After the transfer the Keras model computes, to 1e-5, what the PyTorch network computes.

    Hint: compare layer by layer: first the maps behind the first convolution, then go on. Keep nothing for the next
    call: the network may have learned in between.
    """
    weights, net, model = transferred(student, rng)
    x = rng.uniform(0, 1, size=(4, 28, 28)).astype(np.float32)
    got = model(tensor(x[..., None], "float32", "tensorflow"))
    assert_close(got, oracles.logits(weights, x), what="the Keras model's outputs for 4 images", rtol=0, atol=1e-5)
    student.run(turned, net)
    student.transfer_weights(net, model)
    got = model(tensor(x[..., None], "float32", "tensorflow"))
    what = "the Keras model's outputs after another transfer, the same network having other parameters by then,"
    assert_close(got, oracles.logits([-w for w in weights], x), what=what, rtol=0, atol=1e-5)


@pytest.mark.points(1)
@pytest.mark.example(
    "net, model = ConvNet(), build_cnn()\n"
    "kernel = next(p for p in net.parameters() if p.shape == (20, 10, 5, 5))\n"
    "kernel.data[7, 4, 1, 3] = 2.0  # out, in, row, column\n"
    "transfer_weights(net, model)\n"
    "next(w for w in model.get_weights() if w.shape == (5, 5, 10, 20))[1, 3, 4, 7]",
    gives=2.0,
)
def test_kernels(student, rng):
    """Each number of a kernel is at its own row and column, input channel and output channel.

    Hint: PyTorch keeps (out, in, height, width), Keras (height, width, in, out): transpose(2, 3, 1, 0). Height and
    width are both 5, so a swap has the right shape.
    """
    weights, _, model = transferred(student, rng)
    got, expected = student.run(keras_weights, model), to_keras(weights)
    for place in (0, 2):
        assert_close(got[place], expected[place], what=f"convolution {place // 2 + 1}'s kernels")


@pytest.mark.points(1)
@pytest.mark.example(
    "net, model = ConvNet(), build_cnn()\n"
    "weight = next(p for p in net.parameters() if p.shape == (50, 320))\n"
    "weight.data[5].reshape(20, 4, 4)[1, 2, 3] = 2.0  # channel, row, column\n"
    "transfer_weights(net, model)\n"
    "keras_weight = next(w for w in model.get_weights() if w.shape == (320, 50))\n"
    "keras_weight[:, 5].reshape(4, 4, 20)[2, 3, 1]",
    gives=2.0,
)
def test_dense_weights(student, rng):
    """The dense weights are transposed, and the first one's 320 rows are in the order in which Keras flattens.

    Hint: PyTorch flattens 20 x 4 x 4, Keras 4 x 4 x 20. Take the 320 apart into 20, 4, 4, and move the
    channels to the end.
    """
    weights, _, model = transferred(student, rng)
    got, expected = student.run(keras_weights, model), to_keras(weights)
    for place in (4, 6):
        assert_close(got[place], expected[place], what=f"dense layer {place // 2 - 1}'s weights")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "net, model = ConvNet(), build_cnn()\n"
    "next(p for p in net.parameters() if p.shape == (50,)).data[3] = 2.0\n"
    "transfer_weights(net, model)\n"
    "next(w for w in model.get_weights() if w.shape == (50,))[3]",
    gives=2.0,
)
def test_biases(student, rng):
    """The biases come along.

    Hint: they have the same form in both frameworks.
    """
    weights, _, model = transferred(student, rng)
    got = student.run(keras_weights, model)
    for place in (1, 3, 5, 7):
        assert_close(got[place], weights[place], what=f"layer {place // 2 + 1}'s biases")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "net, model = ConvNet(), build_cnn()\n"
    "before = [p.detach().clone() for p in net.parameters()]\n"
    "transfer_weights(net, model)\n"
    "all(torch.equal(p, b) for p, b in zip(net.parameters(), before))",
    gives=True,
)
def test_torch_network_is_unchanged(student, rng):
    """Only the numbers in the Keras model's weights change: the PyTorch network keeps its own, in their form and type.

    Hint: permute and convert copies, not the parameters themselves, of a network in float64 too. A module's .float()
    works in place. Keras takes the weights of frozen layers as well: nothing has to be unfrozen or compiled.
    """
    weights, model = draw_weights(rng), student.run(keras_network, True)
    net = student.run(oracles.torch_network, weights)
    student.run(in_use, net)
    kept = student.run(torch_state, net)
    same, trained = student.run(kept_beside, student.transfer_weights, net, model)
    moved = [bool(np.any(value(w))) for w in student.run(keras_weights, model)[1::2]]
    check(all(moved), "the Keras model must have other biases than zeros, also where a layer is frozen", got=moved)
    check(trained is True, "what is frozen in the Keras model must be frozen afterwards, and nothing else")
    check(same is True, "the Keras model must have the same variables as before, the same optimizer and the same loss")
    found = student.run(torch_state, net)
    unchanged = "modes, attributes, types, layouts, sums, gradients and what is frozen must be what they were"
    check(found == kept, unchanged, got=found)
    for before, after in zip(weights, student.run(torch_weights, net), strict=True):
        assert_close(after, before, what="a parameter of the PyTorch network after the transfer")
    student.run(doubled, net)
    kept = student.run(torch_state, net)
    with suppress(StudentError):  # whether it must be taken is not asked here
        student.transfer_weights(net, model)
    found = student.run(torch_state, net)
    check(found == kept, f"of a network in float64 too {unchanged}", got=found)
