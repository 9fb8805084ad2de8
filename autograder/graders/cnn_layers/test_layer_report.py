"""Hidden tests of task 5: what a report says of models that the grader makes."""

import numpy as np
import pytest

from autograder.graders.cnn_layers.oracles import attributes
from autograder.grading import check, probe, raises, value


@probe
def crossed():
    from torch import nn

    class Bent(nn.Tanh):
        __qualname__ = "Bent"

        def __repr__(self):
            return "a layer with a text of its own"

    class Block(nn.Module):
        def __init__(self, *inside):
            super().__init__()
            self.inside = nn.ModuleList(inside)

        def forward(self, x):
            for module in self.inside:
                x = module(input=x)
            return x

    class Crossed(nn.Module):
        def __init__(self):
            super().__init__()
            bent = Bent()
            self.last = nn.Sequential(nn.Linear(6, 6), nn.Identity(), bent)
            empty = nn.Sequential()  # nothing is inside: a layer, like the others
            self.middle = nn.Sequential(nn.Flatten(), Block(nn.Dropout(0.5), nn.Linear(12, 6), empty, bent))
            self.first, self.never_called = nn.Conv2d(1, 3, 3), nn.Linear(2, 2)

        def forward(self, x):
            return {"answer": self.last(self.middle(self.first(x)))}  # a layer gives a tensor, others what they like

    return Crossed()


@probe
def singles():
    from torch import nn

    return nn.Linear(3, 2), nn.ReLU()


@probe
def wide(channels, stride, features):
    from torch import nn

    convolution, twice = nn.Conv2d(2, channels, 3, stride, padding=1, bias=False), nn.ReLU()
    return nn.Sequential(
        convolution, twice, nn.MaxPool2d(2), nn.Flatten(), twice, nn.Linear(features, 1), nn.Flatten(0)
    )


@probe
def tied(features):
    import torch
    from torch import nn

    class Scale(nn.Module):
        def __init__(self):
            super().__init__()
            self.factors, self.offset = nn.Parameter(torch.ones(features)), nn.Parameter(torch.zeros(()))
            self.register_buffer("mean", torch.zeros(features))
            self.again = self.factors  # one parameter with two names
            self.register_module("inside", None)  # a name for a module, and no module

        def forward(self, x):
            return self.factors * (x - self.mean) + self.offset

    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.two, self.one = nn.Linear(features, features), nn.Linear(features, features)  # one runs first
            self.two.weight = self.one.weight
            for layer in (self.one, self.two):
                nn.init.zeros_(layer.bias)  # two parameters with equal numbers
            self.one.bias.requires_grad_(False)
            self.activation = Scale()

        def forward(self, x):
            for _ in range(2):
                x = self.activation(self.one(x))
            return self.two(x)

    torch.manual_seed(0)
    return Tied()


@probe
def normalized():
    import torch
    from torch import nn

    class Counts(nn.BatchNorm1d):
        def __init__(self, features):
            super().__init__(features)
            self.register_buffer("trained", torch.zeros(()), persistent=False)  # no state_dict has it

        def forward(self, x):
            if self.training:
                self.trained += 1
            return super().forward(x)

    inside = nn.Dropout(0.5), nn.Linear(4, 4)  # each in two modules
    model = nn.Sequential(nn.Linear(3, 4), Counts(4), nn.Sequential(*inside), nn.Sequential(*inside))
    model(torch.ones(2, 3)).sum().backward()
    model[2][0].eval()
    model[2][1].bias.requires_grad_(False)
    model[0].register_forward_hook(lambda layer, inputs, output: None)  # somebody else's
    model.training = False  # its parts are in training mode, but for one
    return model


@probe
def interrupted(report, model):
    """A report of the model with a layer at the end in which somebody presses the stop button; whether it stops."""
    from torch import nn

    class Stopped(nn.Module):
        def forward(self, x):
            raise KeyboardInterrupt

    try:
        report(nn.Sequential(model, Stopped()), (3,))
    except KeyboardInterrupt:
        return True
    return False


@probe
def twice(report, model, shape):
    """A report of a model, and one after a layer has lost its bias."""
    before = report(model, shape)
    model.one.bias = None
    return [before, report(model, shape)]


@probe
def state(model):
    from torch.nn.modules import module

    numbers = [b.detach() for b in (*model.buffers(), *model.parameters())]
    gradients = [p.grad for p in model.parameters()]
    hooks = sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())
    hooks += len(module._global_forward_hooks) + len(module._global_forward_pre_hooks)
    frozen = [not p.requires_grad for p in model.parameters()]
    types = [str(p.dtype) for p in model.parameters()]
    return [m.training for m in model.modules()], hooks, numbers, gradients, frozen, types


def rows(report):
    """A report as a list of plain tuples."""
    check(isinstance(report, list), "the report must be a list", got=report)
    check(
        all(isinstance(row, tuple | list) and len(row) == 3 for row in report),
        "each row must have three entries",
        got=report,
    )
    shapes = [value(shape) for _, shape, _ in report]  # torch.Size is a tuple that stays where it is
    shapes = [tuple(shape) if isinstance(shape, tuple | list) else shape for shape in shapes]
    return [(kind, shape, count) for (kind, _, count), shape in zip(report, shapes, strict=True)]


@pytest.mark.points(1)
@pytest.mark.example(
    "class Net(nn.Module):\n"
    "    def __init__(self):\n"
    "        super().__init__()\n"
    "        self.last, self.first = nn.ReLU(), nn.Linear(2, 3)\n"
    "    def forward(self, x):\n"
    "        return self.last(self.first(x))\n"
    "[[kind for kind, _, _ in layer_report(model, (2,))] for model in (Net(), nn.Linear(2, 3))]",
    gives=[["Linear", "ReLU"], ["Linear"]],
)
def test_order_of_running(student):
    """The report has a row for each layer, nested ones too, in the order in which they run.

    Hint: a forward hook is called when its layer runs; the order of model.modules() is that of registration. What is
    no layer may give anything, not only a tensor.
    """
    found = [row[0] for row in rows(student.layer_report(student.run(crossed), (1, 4, 4)))]
    kinds = ["Conv2d", "Flatten", "Dropout", "Linear", "Sequential", "Bent", "Linear", "Identity", "Bent"]
    once = "the kinds must come in the order of running, once for each call, and none for a layer that is not called"
    check(found == kinds, once, got=found)
    for model, kind, given in zip(student.run(singles), ("Linear", "ReLU"), ({"shape": (3,)}, {}), strict=True):
        report = rows(student.layer_report(model, **given))
        found = [row[0] for row in report]
        check(found == [kind], "a model that is a single layer must have one row", got=found)
    check(report[0][1] == (1, 28, 28), "a sample must have the shape of a digit if none is given", got=report[0][1])


@pytest.mark.points(1)
@pytest.mark.example(
    "model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten())\n"
    "[[isinstance(shape, tuple), *shape] for _, shape, _ in layer_report(model, (1, 5, 4))]",
    gives=[[True, 2, 3, 2], [True, 12]],
)
def test_shapes(student, rng):
    """The shape in a row is that of the layer's output for one sample, without the batch's axis, as a tuple.

    Hint: tuple(output.shape[1:]) in the hook.
    """
    channels, stride = int(rng.integers(3, 7)), int(rng.integers(1, 3))
    height, width = int(rng.integers(8, 12)), int(rng.integers(13, 17))
    h, w = (height - 1) // stride + 1, (width - 1) // stride + 1
    features = channels * (h // 2) * (w // 2)
    model = student.run(wide, channels, stride, features)
    report = student.layer_report(model, (2, height, width))
    found = [row[1] for row in rows(report)]
    maps, smaller = (channels, h, w), (channels, h // 2, w // 2)
    shapes = [maps, maps, smaller, (features,), (features,), (1,), ()]  # the last gives one number for each sample
    check(found == shapes, "the shapes of the outputs must be those for one sample, at each call", got=found)
    check(all(isinstance(row, tuple) for row in report), "each row must be a tuple", got=report)
    check(all(isinstance(value(shape), tuple) for _, shape, _ in report), "each shape must be a tuple", got=report)


@pytest.mark.points(1)
@pytest.mark.example(
    "layer = nn.Linear(2, 2)\n"
    "layer.bias.requires_grad_(False)\n"
    "model = nn.Sequential(layer, nn.ReLU(), layer)\n"
    "[count for _, _, count in layer_report(model, (2,))]",
    gives=[6, 0, 0],
)
def test_parameters(student, rng):
    """A row counts all parameters of its layer, frozen ones too, and none that a row before it has counted.

    Hint: keep a set of the parameters that were counted, a new one for each report. A parameter may have two names.
    """
    n = int(rng.integers(3, 8))
    first, second = student.run(twice, student.layer_report, student.run(tied, n), (n,))
    found, later = [row[2] for row in rows(first)], [row[2] for row in rows(second)]
    counts = [n * n + n, n + 1, 0, 0, n]
    check(found == counts, "each parameter must be counted once, where it is used first", got=found)
    ints = all(isinstance(count, int | np.integer) for count in found)
    check(ints, "each number of parameters must be an int", got=found)
    without = [n * n, n + 1, 0, 0, n]  # `one` has lost its bias
    check(later == without, "a second report must be of the model as it is then, and count anew", got=later)


@pytest.mark.points(1)
@pytest.mark.example(
    "model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))\n"
    "layer_report(model, (3,))\n"
    "hooks = sum(len(m._forward_hooks) for m in model.modules())\n"
    "{'hooks': hooks, 'training': model.training, 'batches seen': int(model[1].num_batches_tracked)}",
    gives={"hooks": 0, "training": True, "batches seen": 0},
)
def test_model_is_left_alone(student):
    """The model is afterwards what it was before, an exception in it included: no hooks, the same modes and numbers.

    Hint: remember each module's .training, then eval(); run inside no_grad(). Remove the hooks and set the modes in
    `finally`: `module.training = ...` sets one, its train() and eval() all that is in it too.
    """
    model = student.run(normalized)
    modes, hooks, numbers, gradients, frozen, types = student.run(state, model)
    held = student.run(attributes, model)
    check(len(rows(student.layer_report(model, (3,)))) > 0, "there must be a row for each layer")
    with raises("Exception"):
        student.layer_report(model, (4,))  # another size than the first layer takes
    stopped = student.run(interrupted, student.layer_report, model)
    check(stopped is True, "an exception in the model must go on to the caller, KeyboardInterrupt too")
    modes_after, hooks_after, numbers_after, gradients_after, frozen_after, types_after = student.run(state, model)
    check(hooks_after >= hooks, "the hooks that were there before must stay", got=hooks_after)
    check(hooks_after == hooks, "no hooks must stay behind, beside those from before", got=hooks_after)
    held_after = student.run(attributes, model)
    added = sorted({*held_after} - {*held})
    check(held_after == held, "the modules must have the attributes that they had, with the same values", got=added)
    check(frozen_after == frozen, "what was frozen must be frozen, and nothing else", got=frozen_after)
    check(types_after == types, "the parameters must have the types that they had", got=types_after)
    check(modes_after == modes, "each module must be in the mode it was in", got=modes_after)
    check(unchanged(numbers, numbers_after), "the statistics and parameters must not be changed")
    check(unchanged(gradients, gradients_after), "the gradients must not be changed")


def unchanged(before, after):
    """Whether two lists of tensors hold the same numbers."""
    return len(before) == len(after) and all(
        a is not None and b is not None and a.array.tolist() == b.array.tolist()
        for a, b in zip(before, after, strict=True)
    )
