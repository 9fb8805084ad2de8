"""Hidden tests of task 5: one network on two devices, the CPU and `meta`."""

import numpy as np
import pytest

from autograder.graders.device_placement.callers import check_kept
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
def state_devices_by_layer(net):
    """Where the parameters and buffers of each layer are."""
    return [sorted({str(t.device) for t in layer.state_dict().values()}) for layer in net]


@probe
def normalizing_layers(sizes):
    """A layer for each size: a BatchNorm1d, or so many of them, or none, in a layer of their own. One weight stays."""
    import torch

    groups = [[torch.nn.BatchNorm1d(2) for _ in range(size)] for size in sizes]
    net = torch.nn.Sequential(*[g[0] if len(g) == 1 else torch.nn.Sequential(*g) for g in groups])
    next(net.parameters()).requires_grad_(False)
    return net


@probe
def with_hooks():
    """A network in float64, its layers named. A layer in each half has a hook, which doubles what it returns."""
    from collections import OrderedDict

    import torch

    first, second = torch.nn.BatchNorm1d(3), torch.nn.BatchNorm1d(3)
    for layer in (first, second):
        layer.register_forward_hook(lambda layer, given, got: 2 * got)
    dense, relus = (torch.nn.Linear(3, 3) for _ in range(3)), (torch.nn.ReLU() for _ in range(2))
    layers = [next(dense), first, next(relus), *dense, second, *relus]
    return torch.nn.Sequential(OrderedDict(zip("abcdefg", layers, strict=True))).double()


@probe
def without_parameters(count):
    """A network that ends with so many layers that have nothing to be moved."""
    import torch

    return torch.nn.Sequential(*([torch.nn.Linear(3, 2)] if count > 1 else []), *[torch.nn.Tanh()] * count)


@probe
def with_an_embedding():
    import torch

    return torch.nn.Sequential(torch.nn.Embedding(4, 3), torch.nn.Linear(3, 2))


@probe
def both_ways(net, forward, x):
    """What the parts compute for x; and what network and parts compute for it later.

    In between its parameters have changed, and its training has ended.
    """
    import torch

    parts = forward(x)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.neg_()
    net.eval()
    return [parts, net(x), forward(x)]


@probe
def has_a_graph(forward, net, x):
    """Whether the output has a graph for the parameters when x needs none, and the network is not trained."""
    net.eval()
    return bool(forward(x).requires_grad)


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
    """The two parts together compute what the network computes, hooks of its layers included.

    Hint: the second part takes what the first returns; no layer is left out or applied once more.
    """
    net, weights, x = drawn(student, rng)
    forward = student.split_forward(net, "cpu", "cpu")
    for make, given, kind in (
        (with_hooks, tensor(x, "float64"), "in float64 that has a hook in each half,"),
        (with_an_embedding, tensor(rng.integers(4, size=5), "int64"), "that begins with an nn.Embedding"),
    ):
        other = student.run(make)
        whole = value(other(given))
        split = student.split_forward(other, "cpu", "cpu")
        parts, later, parts_later = student.run(both_ways, other, split, given)
        close(parts, whole, f"the output of a network {kind}")
        close(parts_later, value(later), "its output for the same x, after its parameters have changed and net.eval()")
    close(forward(tensor(x)), network(x, *weights), "the output, after other networks have been split")
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
    there = ("cpu", "meta")
    for sizes, (d0, d1) in (
        *(([1] * count, there) for count in (5, 1, 3, 7)), ([1, 1], there[::-1]), ([1, 1, 0, 0], there),
        ([0, 0, 1, 1], there), ([3, 1], there),
    ):  # fmt: skip
        net, count = student.run(normalizing_layers, sizes), len(sizes)
        check_kept(student, "the network must keep its layers, their mode, and which parameters are trained",
                   student.split_forward, net, d0, d1)  # fmt: skip
        devices, half = student.run(state_devices_by_layer, net), count // 2
        check(is_a(devices, list) and len(devices) == count, "the network must keep its layers", got=devices)
        for layer, where in enumerate(devices):
            what = f"a parameter or buffer of layer {layer + 1} of {count}"
            check_places(where, d0 if layer < half else d1, what)
    net, _, x = drawn(student, rng)
    student.split_forward(net, "cpu", "meta")(tensor(x))
    devices = student.run(state_devices_by_layer, net)
    stay = ["cpu", "", "meta", "", "meta"]  # between the layers with parameters, some have none
    check(devices == [[where] if where else [] for where in stay], "all layers must stay where they are when the "
          "network is called", got=devices)  # fmt: skip


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
    for count in (1, 2):
        net = student.run(without_parameters, count)
        got = student.split_forward(net, "cpu", "meta")(tensor(x))
        check_on(student, [got], "meta", "the output of a network whose second half has no parameters")


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
    got = student.run(has_a_graph, forward, net, tensor(x))
    check(got is True, "parameters must get gradients also for an x that needs none, and after net.eval()")
    check_that_it_splits(student, rng)
