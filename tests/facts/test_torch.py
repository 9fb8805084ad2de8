"""torch."""

from __future__ import annotations

from tests.facts.fact import fact

EPOCH = "autograder/graders/cnn_layers/test_train_epoch.py"
FIT = "autograder/graders/cnn_layers/test_fit.py"
STEP = "autograder/graders/device_placement/test_train_step.py"
SPLIT = "autograder/graders/device_placement/test_split_forward.py"
STANDARDIZE = "autograder/graders/device_placement/test_standardize.py"
ARTIFACTS = "autograder/grading/clean_room/artifacts.py"
FRAMEWORKS = "autograder/jail/inside/frameworks.py"


@fact("torch", "numpy", rests={FRAMEWORKS: "tensors cross as arrays, and are compared there"})
def test_sums_of_numpy_on_a_tensor():
    """np.sum, np.mean and np.max of a tensor raise TypeError, because they call the tensor's own method with numpy's
    arguments; np.exp gives a tensor."""
    import numpy as np
    import pytest
    import torch

    x = torch.arange(3.0)
    for reduce in (np.sum, np.mean, np.max):
        with pytest.raises(TypeError):
            reduce(x)
    assert isinstance(np.exp(x), torch.Tensor)


@fact(
    "torch", "numpy", rests={"autograder/grading/assertions.py": "comparisons are made of arrays on the grader's side"}
)
def test_comparisons_of_numpy_on_a_tensor():
    """np.greater of a tensor is a tensor of uint8, not of bool: as an index it picks elements by number."""
    import numpy as np
    import torch

    greater = np.greater(torch.arange(3.0), 1)
    assert isinstance(greater, torch.Tensor)
    assert (greater.dtype, greater.tolist()) == (torch.uint8, [0, 0, 1])


@fact("torch", "numpy", rests={FRAMEWORKS: "what comes out of a mixture is a tensor of float64"})
def test_an_array_beside_a_tensor():
    """A tensor times an array is a tensor in the wider type, with a DeprecationWarning of numpy 2; an array times a
    tensor raises TypeError."""
    import numpy as np
    import pytest
    import torch

    x, halves = torch.tensor([1, 2, 3]), np.array([0.5, 1.5, 2.5])
    product = x * halves
    assert (product.dtype, product.tolist()) == (torch.float64, [0.5, 3.0, 7.5])
    with pytest.raises(TypeError):
        halves * x


@fact(
    "torch",
    rests={
        "autograder/graders/cnn_layers/oracles.py": "images are chosen at a distance from ReLU's kink",
        "autograder/graders/cnn_layers/test_conv_net.py": "gradients are asked at that distance",
    },
)
def test_spellings_of_relu_at_zero():
    """At 0 six spellings of ReLU have three gradients: relu and where(x > 0) say 0, maximum and (x + |x|) / 2 a half,
    clamp(min=0) and where(x >= 0) say 1. Of maximum, TensorFlow says 1."""
    import torch

    spellings = {
        "relu": torch.relu,
        "where >": lambda x: torch.where(x > 0, x, 0.0),
        "maximum": lambda x: torch.maximum(x, torch.zeros(())),
        "abs": lambda x: (x + x.abs()) / 2,
        "clamp": lambda x: x.clamp(min=0),
        "where >=": lambda x: torch.where(x >= 0, x, 0.0),
    }
    found = {}
    for name, relu in spellings.items():
        x = torch.tensor(0.0, requires_grad=True)
        relu(x).backward()
        found[name] = float(x.grad)
    assert found == {"relu": 0, "where >": 0, "maximum": 0.5, "abs": 0.5, "clamp": 1, "where >=": 1}


@fact("torch", rests={"autograder/graders/define_by_run/test_arithmetic.py": "bases of powers are drawn away from 0"})
def test_powers_at_zero():
    """The gradient of x ** 0 at 0 is 0, where TensorFlow has NaN, that of x ** 0.5 is infinite, and the norm of the
    zero vector has the gradient 0."""
    import math

    import torch

    def gradient(exponent):
        x = torch.tensor(0.0, requires_grad=True)
        (x**exponent).backward()
        return float(x.grad)

    assert [gradient(exponent) for exponent in (0.0, 1.0, 2.0, 0.5)] == [0.0, 1.0, 0.0, math.inf]
    x = torch.zeros(2, requires_grad=True)
    x.norm().backward()
    assert x.grad.tolist() == [0.0, 0.0]


@fact("torch", rests={STANDARDIZE: "test_loaded_state_counts loads a state whose names and sizes fit"})
def test_strict_false_is_not_all_or_nothing():
    """load_state_dict(strict=False) raises on a wrong size, after it has loaded everything that fits: a caught error
    leaves a network of old and new weights. strict=True does the same."""
    import pytest
    import torch
    from torch import nn

    for strict in (False, True):
        mine, other = (nn.Sequential(nn.Linear(2, 2), nn.Linear(2, n), nn.Linear(3, 1)) for n in (3, 4))
        for network, value in ((mine, 0.0), (other, 1.0)):
            for parameter in network.parameters():
                nn.init.constant_(parameter, value)
        with pytest.raises(RuntimeError, match="size mismatch"):
            mine.load_state_dict(other.state_dict(), strict=strict)
        assert [float(layer.weight.mean()) for layer in mine] == [1.0, 0.0, 1.0]
        assert isinstance(mine[0].weight, torch.Tensor)


@fact(
    "torch",
    rests={
        "autograder/graders/cnn_layers/test_cross_entropy.py": "labels are classes, and there are no weights",
        "autograder/graders/cnn_layers/oracles.py": "the mean is over samples",
    },
)
def test_class_weights_and_one_hot_targets():
    """Weights of classes mean something else for one-hot targets: the mean divides by the number of samples, and for
    class numbers by the sum of their weights. Without weights both agree."""
    import torch
    from torch.nn import functional as F

    x, y = torch.zeros(2, 2), torch.tensor([0, 1])
    weight = torch.tensor([1.0, 3.0])
    hot = F.one_hot(y).float()
    by_class, by_row = F.cross_entropy(x, y, weight=weight), F.cross_entropy(x, hot, weight=weight)
    assert torch.isclose(by_row, 2 * by_class)
    assert torch.isclose(F.cross_entropy(x, y), F.cross_entropy(x, hot))


@fact("torch", rests={FIT: "test_seed_decides seeds nothing but what fit is given; the hint is a generator of its own"})
def test_iterating_a_loader_moves_the_generator():
    """Iterating over a DataLoader takes a number from the global generator, with shuffle or without; making one does
    not. With a generator of its own it does not."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    data = TensorDataset(torch.arange(4.0))

    def moved(**how):
        loader = DataLoader(data, **how)
        before = torch.get_rng_state()
        list(loader)
        return not torch.equal(before, torch.get_rng_state())

    assert moved()
    assert moved(shuffle=True)
    assert not moved(shuffle=True, generator=torch.Generator())


@fact(
    "torch",
    "numpy",
    rests={ARTIFACTS: "state_dict loads with weights_only, and names what it refuses"},
    source="https://docs.pytorch.org/docs/stable/notes/serialization.html",
)
def test_what_load_refuses():
    """By default torch.load takes tensors, parameters, state_dicts of modules and optimizers, plain Python data, sets
    and Counters; it refuses whole modules, numpy's arrays and numbers, paths, ranges, slices, frozensets and
    defaultdicts."""
    import collections
    import io
    import pathlib
    import pickle

    import numpy as np
    import pytest
    import torch

    def through(thing):
        file = io.BytesIO()
        torch.save(thing, file)
        file.seek(0)
        return torch.load(file)

    linear = torch.nn.Linear(1, 1)
    adam = torch.optim.Adam(linear.parameters())
    taken = (linear.state_dict(), adam.state_dict(), linear.weight, {"lr": 0.1, "seen": {1}}, collections.Counter())
    for thing in (*taken, 1j, torch.float32, torch.device("cpu"), torch.Size([1])):
        through(thing)
    refused = (linear, np.ones(2), np.float64(1.0), pathlib.Path("x"), range(3), slice(1), frozenset([1]))
    for thing in (*refused, collections.defaultdict(int)):
        with pytest.raises(pickle.UnpicklingError):
            through(thing)


@fact(
    "torch",
    rests={
        "autograder/graders/device_placement/oracles.py": "the grader's layers have a bias: with it linear refuses",
        "reference/device_placement/device_placement.py": "the text says which operations are the exception",
        STEP: "test_batch_follows_the_model: a batch that stays on the CPU must raise on meta",
        SPLIT: "activations that stay behind must raise",
        STANDARDIZE: "test_moves_as_a_whole reads the output's device, also where nothing raised",
    },
)
def test_operations_that_mix_meta_and_cpu():
    """Sums, products and losses of a meta tensor and a CPU tensor raise, but these do not: matrix products of two
    matrices, linear and conv2d without a bias, einsum, bmm, indexing, and adding in place. What comes out is on meta
    or, of some, on the CPU with numbers that nobody computed. With a bias linear raises."""
    import pytest
    import torch
    from torch.nn import functional as F

    def meta(*shape):
        return torch.ones(*shape, device="meta")

    def cpu(*shape):
        return torch.ones(*shape)

    silent = {
        "mm": (meta(2, 3) @ cpu(3, 2)),
        "linear": F.linear(cpu(1, 3), meta(2, 3)),
        "conv2d": F.conv2d(cpu(1, 1, 5, 5), meta(1, 1, 3, 3)),
        "einsum": torch.einsum("i,i->", meta(3), cpu(3)),
        "bmm": torch.bmm(meta(1, 2, 3), cpu(1, 3, 2)),
        "in place": cpu(3).add_(meta(3)),
        "index": meta(3)[torch.tensor([0])],
    }
    on_cpu = {name for name, result in silent.items() if result.device.type == "cpu"}
    assert on_cpu == {"linear", "conv2d", "einsum", "bmm", "in place"}
    refused = [
        lambda: meta(3) + cpu(3),
        lambda: torch.cat([meta(3), cpu(3)]),
        lambda: F.mse_loss(meta(3), cpu(3)),
        lambda: F.linear(cpu(1, 3), meta(2, 3), meta(2)),
    ]
    for operation in refused:
        with pytest.raises((RuntimeError, NotImplementedError)):
            operation()


@fact("torch", "numpy", rests={EPOCH: "the optimizer's rate is the grader's, a Python float"})
def test_types_of_learning_rates():
    """An optimizer takes ints, bools, numpy's numbers and arrays without axes, and a tensor; it refuses text and None
    with TypeError and a negative rate with ValueError. NaN is taken, and an array of one number fails in the first
    step."""
    import math

    import numpy as np
    import pytest
    import torch

    def step(rate):
        x = torch.ones(1, requires_grad=True)
        x.grad = torch.ones(1)
        torch.optim.SGD([x], lr=rate).step()
        return float(x.detach())

    for rate in (0.5, np.float64(0.5), np.float32(0.5), np.array(0.5), torch.tensor(0.5)):
        assert step(rate) == 0.5
    assert step(1) == step(True) == 0.0
    assert math.isnan(step(math.nan))
    for rate, error in (("0.5", TypeError), (None, TypeError), (np.array([0.5]), TypeError), (-0.5, ValueError)):
        with pytest.raises(error):
            step(rate)


@fact(
    "torch",
    rests={
        "autograder/graders/cnn_layers/test_evaluate.py": "a statistic of the BatchNorm stays, without gradients too"
    },
)
def test_no_grad_moves_statistics():
    """Under torch.no_grad() a BatchNorm in training mode still moves its running statistics; only eval() stops it."""
    import torch

    layer = torch.nn.BatchNorm1d(2)
    with torch.no_grad():
        layer(torch.tensor([[1.0, 2.0], [3.0, 6.0]]))
    assert layer.running_mean.tolist() != [0.0, 0.0]
    assert int(layer.num_batches_tracked) == 1


@fact("torch", rests={STEP: "test_loss_has_no_graph wants the number without the graph"})
def test_detach_shares_memory():
    """detach gives a tensor on the same memory: a write into it is seen by the original, and backward then raises."""
    import pytest
    import torch

    x = torch.tensor([2.0], requires_grad=True)
    y = x * 1.0
    z = y * y
    y.detach().zero_()
    assert y.item() == 0.0
    with pytest.raises(RuntimeError, match="inplace"):
        z.backward()


@fact(
    "torch",
    rests={"autograder/graders/device_placement/test_to_device.py": "dtypes stay as they are, whatever the device"},
)
def test_to_the_same_place_is_the_same_tensor():
    """tensor.to with its own device and dtype gives the tensor itself, not a copy; a module's to gives the module."""
    import torch

    x, module = torch.ones(2), torch.nn.Linear(1, 1)
    assert x.to("cpu") is x
    assert module.to("cpu") is module
    weight = module.weight
    module.double()
    assert module.weight is weight


@fact(
    "torch",
    rests={"autograder/graders/cnn_layers/test_layer_report.py": "a parameter counts once, where it is used first"},
)
def test_a_shared_parameter():
    """A parameter that two layers share is listed once by parameters() and twice by state_dict()."""
    from torch import nn

    one, two = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
    two.weight = one.weight
    network = nn.Sequential(one, two)
    assert len(list(network.parameters())) == 1
    assert len(network.state_dict()) == 2
