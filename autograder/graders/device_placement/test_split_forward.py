"""Hidden tests of task 5: one network on two devices, the CPU and `meta`."""

import numpy as np
import pytest

from autograder.graders.device_placement.oracles import (
    check_on,
    check_places,
    close,
    device_named,
    gradients_through,
    layers,
    network,
    singles,
    tensor,
)
from autograder.graders.oracles import numeric_gradients
from autograder.grading import assert_close, check, is_a, probe, value

SIZES = [(4, 3), (5, 4), (2, 5)]


@probe
def parameter_devices(net):
    return [str(p.device) for p in net.parameters()]


@probe
def linear_layers(count):
    import torch

    return torch.nn.Sequential(*[torch.nn.Linear(2, 2) for _ in range(count)])


@probe
def used_twice():
    """A network in which a layer comes twice in the second half, and one in both halves."""
    import torch

    relu, twice = torch.nn.ReLU(), torch.nn.Linear(3, 3)
    return torch.nn.Sequential(torch.nn.Linear(3, 3), relu, twice, twice, relu)


@probe
def both_ways(net, forward, x):
    """What the network and its parts compute, before and after its parameters have changed, for one and the same x."""
    import torch

    results = [net(x), forward(x)]
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.neg_()
    return [*results, net(x), forward(x)]


@probe
def shape_of(x):
    return list(x.shape)


def drawn(student, rng):
    """Five layers, their weights, and data."""
    weights = [singles(rng, *size) for size in SIZES]
    return student.run(layers, weights), weights, singles(rng, 6, 3)


def check_that_it_splits(student, rng):
    """Check that the result is on the second device: the network itself computes the same where there is one device."""
    net, _, x = drawn(student, rng)
    forward = student.split_forward(net, "cpu", "meta")
    check_on(student, [forward(tensor(x))], "meta", "with cpu and meta as devices, the result")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "net = nn.Sequential(nn.Tanh(), nn.Softplus(), nn.Sigmoid())\n"
    "split_forward(net, 'cpu', 'cpu')(torch.zeros(1)).tolist()",
    gives=[0.666667],
)
def test_same_as_the_whole(student, rng):
    """The two parts together compute what the network computes, also one in which a layer is used twice.

    Hint: the second part takes what the first returns; no layer is left out or applied once more. net.children() and
    net.modules() name a layer once, however often it is used.
    """
    net, weights, x = drawn(student, rng)
    forward = student.split_forward(net, "cpu", "cpu")
    close(forward(tensor(x)), network(x, *weights), "the output")
    net = student.run(used_twice)
    whole, parts, later, parts_later = student.run(both_ways, net, student.split_forward(net, "cpu", "cpu"), tensor(x))
    close(parts, value(whole), "the output of a network that uses a layer twice")
    close(parts_later, value(later), "its output for the same x after its parameters have changed")
    check_that_it_splits(student, rng)


@pytest.mark.points(1)
@pytest.mark.example(
    "net = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1), nn.Linear(1, 1))\n"
    "split_forward(net, 'cpu', 'meta')\n"
    "[layer.weight.device.type for layer in net]",
    gives=["cpu", "meta", "meta"],
)
def test_layers_are_placed(student, rng):
    """The first half of the layers is on the first device, the rest on the second; of five, two are the first half.

    Hint: net[: len(net) // 2].to(d0), and the rest to d1.
    """
    net, *_ = drawn(student, rng)
    student.split_forward(net, "cpu", "meta")
    devices = student.run(parameter_devices, net)
    check(is_a(devices, list) and len(devices) == 6, "the network must keep its layers", got=devices)
    check_places(devices[:2], "cpu", "a parameter of the first two of five layers")
    check_places(devices[2:], "meta", "a parameter of the last three of five layers")
    for count in (1, 2, 4):
        net = student.run(linear_layers, count)
        student.split_forward(net, "cpu", "meta")
        devices, half = student.run(parameter_devices, net), count // 2 * 2
        check(is_a(devices, list) and len(devices) == 2 * count, "the network must keep its layers", got=devices)
        check_places(devices[:half], "cpu", f"a parameter of the first {count // 2} of {count} layers")
        check_places(devices[half:], "meta", f"a parameter of the other layers, where there are {count}")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "net = nn.Sequential(nn.Linear(2, 4), nn.Linear(4, 3), nn.ReLU())\n"
    "y = split_forward(net, 'cpu', 'meta')(torch.ones(5, 2))\n"
    "[y.device.type, list(y.shape)]",
    gives=["meta", [5, 3]],
)
def test_activations_are_handed_over(student, rng):
    """What comes from the first part goes to the second device, a name or a torch.device, and the result is there.

    Hint: .to(d1) between the parts.
    """
    for devices in (["cpu", "meta"], [student.run(device_named, name) for name in ("cpu", "meta")]):
        net, _, x = drawn(student, rng)
        got = student.split_forward(net, *devices)(tensor(x))
        check_on(student, [got], "meta", "the output")
        shape = student.run(shape_of, got)
        check(shape == [6, 2], "6 rows must give 6 rows of 2 outputs", got=shape)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "net = nn.Sequential(nn.Linear(2, 2), nn.ReLU())\nsplit_forward(net, 'meta', 'meta')(torch.ones(5, 2)).device.type",
    gives="meta",
)
def test_input_from_anywhere(student, rng):
    """The input may be on another device than the first part.

    Hint: x.to(d0) comes first.
    """
    net, _, x = drawn(student, rng)
    got = student.split_forward(net, "meta", "meta")(tensor(x))
    check_on(student, [got], "meta", "the output")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "net = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))\n"
    "x = torch.ones(1, 1, requires_grad=True)\n"
    "split_forward(net, 'cpu', 'cpu')(x).sum().backward()\n"
    "[p.grad is not None for p in (x, net[0].weight, net[1].weight)]",
    gives=[True, True, True],
)
def test_gradients(student, rng):
    """Gradients flow back through both parts, to all parameters and to the input.

    Hint: .to is recorded like any operation; .detach(), .data and numpy are not.
    """
    net, weights, x = drawn(student, rng)
    g = singles(rng, 6, 2)
    forward = student.split_forward(net, "cpu", "cpu")
    got = student.run(gradients_through, forward, net, tensor(x), tensor(g))
    arrays = [np.asarray(array, dtype=np.float64) for array in (x, *weights)]
    check(isinstance(got, list) and len(got) == 4 and all(part is not None for part in got),
          "the input and every parameter must get a gradient")  # fmt: skip
    for found, expected in zip(got, numeric_gradients(network, arrays, g.astype(np.float64)), strict=True):
        assert_close(found, expected, what=f"a gradient of shape {expected.shape}", rtol=1e-3, atol=1e-4)
    check_that_it_splits(student, rng)
