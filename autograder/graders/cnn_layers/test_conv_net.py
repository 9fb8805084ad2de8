"""Hidden tests of task 3: the network in PyTorch, judged by its parameters, values and gradients as data."""

import numpy as np
import pytest

from autograder.graders.cnn_layers import oracles
from autograder.graders.cnn_layers.oracles import close, tensor, torch_layers
from autograder.graders.oracles import SHAPES, draw_weights
from autograder.grading import as_numbers, assert_close, check, probe


@probe
def number_of_parameters(net):
    return sum(p.numel() for p in net.parameters() if p.requires_grad)


@probe
def new_beside(net, other):
    """How many parameters a new network shares with another, and whether all numbers in each of its own are alike."""
    held = {p.untyped_storage().data_ptr() for p in net.parameters()}
    alike = all(bool((p == p.flatten()[0]).all()) for p in other.parameters())
    return sum(p.untyped_storage().data_ptr() in held for p in other.parameters()), alike


@probe
def all_take_part(net, x):
    import torch

    with torch.no_grad():
        before = net(x)
        for parameter in net.parameters():
            parameter.neg_()
            counts = not torch.allclose(net(x), before)
            parameter.neg_()
            if not counts:
                return False
    return True


@probe
def copied(net, x):
    """A deep copy of a network that has been called while graphs are recorded."""
    from copy import deepcopy

    import torch

    with torch.enable_grad():
        net(x)
    return deepcopy(net)


@probe
def backward_in_float64(net, x, g):
    """Goes backward from g in training mode and from 2 * g in evaluation mode; the types of the logits."""
    net.double()
    found = []
    for mode, upstream in ((True, g), (False, 2 * g)):
        logits = net.train(mode)(x)
        (logits * upstream).sum().backward()
        found.append(str(logits.dtype))
    return found


@probe
def stirred(net):
    """The network with random numbers added to its parameters."""
    import torch

    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for p in net.parameters():
            p.add_(0.1 * torch.randn(p.shape, generator=generator))


@probe
def load(net, layers):
    import torch
    from torch import nn

    held = [m for m in net.modules() if isinstance(getattr(m, "weight", None), nn.Parameter)]
    held = [m for m in held if isinstance(getattr(m, "bias", None), nn.Parameter)]
    with torch.no_grad():
        for module, (weight, bias) in zip(held, layers, strict=True):
            module.weight.copy_(torch.from_numpy(weight))
            module.bias.copy_(torch.from_numpy(bias))
    return net


@probe
def saved(net):
    import io

    import torch

    buffer = io.BytesIO()
    torch.save(net.state_dict(), buffer)
    return buffer.getvalue()


def weights_of(student, net):
    """The network's weights in the order of SHAPES."""
    layers = student.run(torch_layers, net)
    return oracles.flat(layers, oracles.arranged(layers, SHAPES))


def loaded(student, rng):
    """A new network with the grader's parameters, and these: what it computes then cannot be chosen by its author."""
    net = student.ConvNet()
    order = oracles.arranged(student.run(torch_layers, net), SHAPES)
    weights = draw_weights(rng)
    layers = [weights[2 * place : 2 * place + 2] for place in np.argsort(order)]
    return student.run(load, net, layers), weights


def check_all_take_part(student, rng, net, whose="the logits"):
    """Check that the logits depend on each of the parameters: having them is not enough."""
    there = student.run(all_take_part, net, tensor(images(rng, 4)[:, None]))
    check(there is True, f"{whose} must depend on every parameter")


def images(rng, count):
    """Images like no digits, which only the grader has."""
    return rng.uniform(0, 1, size=(count, 28, 28)).astype(np.float32)


def wild_images(rng):
    """Images with pixels below 0 and above 1, the last two so large that no number may be held back on the way."""
    return (rng.normal(size=(4, 28, 28)) * np.array([1, 1, 100, 100])[:, None, None]).astype(np.float32)


@pytest.mark.points(1)
@pytest.mark.example("sum(p.numel() for p in ConvNet().parameters() if p.requires_grad)", gives=21840)
def test_parameters(student, rng):
    """The network has the parameters of two convolutions and two linear layers, 21,840 numbers, which all take part.

    Hint: layers must be attributes of the module, or in an nn.Sequential or nn.ModuleList: a Python list hides them.
    None of them may be frozen. A network that has been called can be copied too: a tensor with a graph, kept as an
    attribute, cannot.
    """
    net, _ = loaded(student, rng)
    check(student.run(number_of_parameters, net) == 21_840, "the parameters must hold 21,840 numbers")
    common, alike = student.run(new_beside, net, student.ConvNet())
    check(common == 0, "another network must share no parameter, and no numbers of one, with the first", got=common)
    check(alike is False, "a new network must be able to learn: not if in each parameter all numbers are the same")
    check_all_take_part(student, rng, net)
    copy = student.run(copied, net, tensor(images(rng, 2)[:, None]))
    check_all_take_part(student, rng, copy, "the logits of a network's deep copy, of its own,")


@pytest.mark.points(1.5)
@pytest.mark.example(
    "net = ConvNet()\n"
    "with torch.no_grad():\n"
    "    for p in net.parameters():\n"
    "        p.zero_()\n"
    "        if p.shape == (20,):\n"
    "            p[1] = 1.0  # channel 1 of the 20 is all ones\n"
    "        elif p.shape == (50, 320):\n"
    "            p[0, 16], p[1, 16] = 1.0, -1.0\n"
    "        elif p.shape == (10, 50):\n"
    "            p.fill_diagonal_(1.0)\n"
    "        elif p.shape == (10,):\n"
    "            p[2] = -1.0\n"
    "[net.train(on)(torch.zeros(1, 1, 28, 28))[0, :3].tolist() for on in (True, False)]",
    gives=[[1.0, 0.0, -1.0], [1.0, 0.0, -1.0]],
)
def test_logits(student, rng):
    """The logits are those that the network's parameters give for new images, in training and in evaluation.

    Hint: look at the order of the layers, at the flattening, and at the end: no activation after the last layer.
    """
    (net, weights), x = loaded(student, rng), images(rng, 4)
    wild = wild_images(rng)
    for mode, name in ((True, "training"), (False, "evaluation")):
        net.train(mode)
        got = net(tensor(x[:, None]))
        check(got.dtype == "float32", "the logits of float32 images must be float32", got=got.dtype)
        close(got, oracles.logits(weights, x), f"the logits of 4 images in {name} mode")
        got, expected = as_numbers(net(tensor(wild[:, None])), "the logits"), oracles.logits(weights, wild)
        check(got.shape == (4, 10), "4 images must give 4 rows of 10 logits", got=got.shape)
        close(got[:2], expected[:2], f"the logits of images with pixels below 0 and above 1, in {name} mode")
        what = f"a hundredth of the logits of images with large pixels, in {name} mode"
        close(got[2:] / 100, expected[2:] / 100, what)


@pytest.mark.points(1)
@pytest.mark.example(
    "net, x = ConvNet(), torch.linspace(0, 1, 2 * 28 * 28).reshape(2, 1, 28, 28)\n"
    "alone, both = net(x[:1]), net(x)\n"
    "{'shape': list(alone.shape), 'same': bool(torch.allclose(alone[0], both[0], atol=1e-5))}",
    gives={"shape": [1, 10], "same": True},
)
def test_single_images(student, rng):
    """Each image's logits are its own: alone, in a batch of one, they are the same as beside others.

    Hint: keep the batch's axis: flatten(1), and no squeeze. Nothing may look at other images of the batch.
    """
    net, x = student.ConvNet(), images(rng, 3)
    student.run(stirred, net)  # a new one may begin with zeros in its last layer
    together = as_numbers(net(tensor(np.tile(x, (86, 1, 1))[:, None])), "the logits of 258 images")
    check(together.shape == (258, 10), "258 images must give 258 rows of 10 logits", got=together.shape)
    check(not np.allclose(together[0], together[1]), "two images must not have the same logits")
    close(together[-3:], together[:3], "the logits of the last 3 of 258 images, which are the first 3 once more,")
    for place in range(3):
        close(net(tensor(x[place : place + 1, None])), together[place : place + 1], "the logits of one image alone")


@pytest.mark.points(1.5)
@pytest.mark.example(
    "net = ConvNet()\n"
    "for p in net.parameters():\n"
    "    nn.init.zeros_(p)\n"
    "net(torch.zeros(1, 1, 28, 28)).sum().backward()\n"
    "gradients = [p.grad for p in net.parameters()]\n"
    "[sum(g.numel() for g in gradients), sum(float(g.sum()) for g in gradients)]  # 1 for each of the last biases",
    gives=[21840, 10.0],
)
def test_gradients(student, rng):
    """Every parameter gets its gradient, in float64, for a random gradient of the logits.

    Hint: stay in PyTorch from input to output: .detach(), .data, .numpy() or no_grad() cut the graph. Nothing on the
    way may be of another type than the input.
    """
    (net, weights), x, g = loaded(student, rng), rng.uniform(0, 1, size=(3, 28, 28)), rng.normal(size=(3, 10))
    types = student.run(backward_in_float64, net, tensor(x[:, None], "float64"), tensor(g, "float64"))
    check(types == ["torch.float64"] * 2, "after .double() the logits must be float64", got=types)
    layers = student.run(torch_layers, net)
    order = oracles.arranged(layers, SHAPES)
    there = all(gradient is not None for layer in layers for gradient in layer[2:])
    check(there, "every parameter must have a gradient after backward")
    expected = oracles.gradients(weights, x, 3 * g)  # once in training and twice in evaluation mode
    names = [
        f"the gradient of the {part} of shape {shape}"
        for shape, part in zip(SHAPES, ["weight", "bias"] * 4, strict=True)
    ]
    for got, wanted, name in zip(oracles.flat(layers, order, 2), expected, names, strict=True):
        assert_close(got, wanted, what=name, rtol=1e-9, atol=1e-11)


@pytest.mark.points(1)
@pytest.mark.example("sum(saved.numel() for saved in ConvNet().state_dict().values())", gives=21840)
def test_state_dict(student, clean, rng):
    """What is saved of the network is all of it: a state_dict with 21,840 numbers, those it computes with.

    Hint: state_dict() holds what is registered: parameters of layers that are attributes, or in nn.Sequential.
    """
    net, _ = loaded(student, rng)
    check_all_take_part(student, rng, net)
    state = clean.state_dict(student.run(saved, net))
    held = sorted(as_numbers(array, "what is saved").shape for array in state.values())
    check(held == sorted(SHAPES), "the state_dict must hold the weights and biases of the four layers", got=held)
    for weight in weights_of(student, net):
        same = any(weight.shape == array.shape and np.array_equal(weight, array) for array in state.values())
        check(same, "the state_dict must hold the numbers that the network computes with")
