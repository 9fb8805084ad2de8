"""Hidden tests of task 4: one step on a device. On `meta`, whatever reads a number back raises."""

import numpy as np
import pytest

from autograder.graders.device_placement.callers import check_kept
from autograder.graders.device_placement.oracles import (
    check_on,
    check_places,
    check_weights,
    close,
    descend,
    device_named,
    linear_on,
    moved,
    parameters_of,
    singles,
    state_devices,
    tensor,
)
from autograder.grading import check, probe

RATE, MOMENTUM = 0.1, 0.9


@probe
def with_old_gradients(model):
    import torch

    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)


@probe
def losses_of_one_batch(train_step, model, batch, device, optimizer):
    """The losses of two steps; of a third, after x has got other numbers in its place; of a fourth with a NaN in y."""
    losses = [train_step(model, batch, device, optimizer) for _ in range(2)]
    batch[0].neg_()
    losses.append(train_step(model, batch, device, optimizer))
    batch[1][0, 0] = float("nan")
    return [*losses, train_step(model, batch, device, optimizer)]


@probe
def variant(model, dtype, shape, rows):
    """The model in another dtype, its predictions in another shape; x may be places in a table of rows, perhaps.

    In float64 the last layer needs what it has returned for its gradient, as a Tanh does.
    """
    import torch

    class Rows(torch.nn.Module):
        def forward(self, places):
            return torch.from_numpy(rows)[places]  # places must be integers

    class Shaped(torch.nn.Module):
        def forward(self, y):
            y = y.reshape(shape)
            return y.reciprocal().reciprocal() if y.dtype == torch.float64 else y

    first = [] if rows is None else [Rows()]
    return torch.nn.Sequential(*first, model.to(getattr(torch, dtype)), Shaped())


@probe
def about_the_loss(train_step, *arguments):
    import torch

    loss = train_step(*arguments)
    if not isinstance(loss, torch.Tensor):
        return type(loss).__name__
    return [list(loss.shape), loss.requires_grad, loss.grad_fn is None]


@probe
def seen_in(train_step, model, *arguments):
    """How often a step asks a tensor for its numbers; and for each call of its model, whether that is in training mode.

    item, float, bool and tolist are one operation to torch; numpy, cpu and a move to the CPU are none on the CPU, and
    print looks behind the modes. The step is told "cpu:0", so that a move to "cpu" is its own idea.
    """
    from torch.overrides import TorchFunctionMode
    from torch.utils._python_dispatch import TorchDispatchMode

    read, called = [], []
    model.register_forward_pre_hook(lambda model, _: called.append(model.training))

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            if "_local_scalar_dense" in str(function):
                read.append(function)
            return function(*args, **(kwargs or {}))

    class Calls(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            name, options = getattr(function, "__name__", ""), (*args[1:], *(kwargs or {}).values())
            to_cpu = name == "to" and any(isinstance(option, str) and option == "cpu" for option in options)
            if to_cpu or name in ("cpu", "numpy", "__array__", "__repr__"):
                read.append(function)
            return function(*args, **(kwargs or {}))

    with Watch(), Calls():
        train_step(model, *arguments)
    return len(read), called


def drawn(rng):
    """Weight, bias, and two batches."""
    w, b = singles(rng, 2, 3), singles(rng, 2)
    return w, b, [(singles(rng, 6, 3), singles(rng, 6, 2)) for _ in range(2)]


def descend_on(weights, before, x, y):
    """A step with momentum from the weights, which came from those before; and the loss."""
    *new, loss = descend(*weights, x, y, RATE)
    return *(n + MOMENTUM * (now - old) for n, now, old in zip(new, weights, before, strict=True)), loss


def sent(batch):
    """A batch as a loader gives it: on the CPU."""
    return tuple(map(tensor, batch))


@pytest.mark.points(1)
@pytest.mark.example(
    "line = nn.Linear(1, 1)\n"
    "for p in line.parameters():\n"
    "    nn.init.zeros_(p)\n"
    "x, y = torch.full((2, 1), 2.0), torch.full((2, 1), 3.0)\n"
    "loss = train_step(line, (x, y), 'cpu', torch.optim.SGD(line.parameters(), lr=0.1))\n"
    "[float(loss), line.weight.item(), line.bias.item()]",
    gives=[9.0, 1.2, 0.6],
)
def test_step(student, rng):
    """A step moves the parameters against the gradient of the mean squared error, and returns the loss before.

    Hint: zero_grad, backward, step; nn.functional.mse_loss(model(x), y). Nothing may be written into the predictions:
    the model's last layer may need them for its gradient.
    """
    w, b, ((x, y), _) = drawn(rng)
    y *= 1000  # a long gradient is one, too
    places = rng.permutation(6)
    for given, shape, dtype in (
        (tensor(x), (12, 1), "float32"), (tensor(x.reshape(2, 3, 3), "float64"), (2, 3, 2), "float64"),
        (tensor(np.argsort(places), "int64"), (12,), "float32"),
    ):  # fmt: skip
        model, optimizer = student.run(linear_on, w, b, "cpu", RATE, 0.0)
        model_of = student.run(variant, model, dtype, list(shape), x[places] if given.dtype == "int64" else None)
        loss = student.train_step(model_of, (given, tensor(y.reshape(shape), dtype)), "cpu", optimizer)
        new_w, new_b, expected = descend(w, b, x, y, RATE)
        what = f"for an x of dtype {given.dtype} and predictions {shape} in {dtype}"
        close(loss, expected, f"the loss {what}")
        check_weights(student.run(parameters_of, model), new_w, new_b, f"after a step {what}")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "line = nn.Linear(1, 1)\n"
    "for p in line.parameters():\n"
    "    nn.init.zeros_(p)\n"
    "    p.grad = torch.ones_like(p)  # left by somebody else\n"
    "x, y = torch.full((2, 1), 2.0), torch.full((2, 1), 3.0)\n"
    "train_step(line, (x, y), 'cpu', torch.optim.SGD(line.parameters(), lr=0.1))\n"
    "[line.weight.item(), line.bias.item()]",
    gives=[1.2, 0.6],
)
def test_steps_are_separate(student, rng):
    """The gradient of an earlier step does not count in the next, and none that was there before the first.

    Hint: optimizer.zero_grad() before backward(). What the optimizer itself remembers, its momentum, is its own.
    """
    w, b, batches = drawn(rng)
    model, optimizer = student.run(linear_on, w, b, "cpu", RATE, MOMENTUM)
    student.run(with_old_gradients, model)
    before = w, b
    for batch in batches:
        student.train_step(model, sent(batch), "cpu", optimizer)
        before, (w, b, _) = (w, b), descend_on((w, b), before, *batch)
    check_weights(student.run(parameters_of, model), w, b, "after two steps with momentum")
    losses = student.run(losses_of_one_batch, student.train_step, model, sent(batch), "cpu", optimizer)
    x, y = batch
    steps = ("a third step", "a fourth step, with the same batch", "a step after x has changed in its place")
    for loss, numbers, what in zip(losses[:3], (x, x, -x), steps, strict=True):
        before, (w, b, expected) = (w, b), descend_on((w, b), before, numbers, y)
        close(loss, expected, f"the loss of {what}")
    close(losses[3], np.nan, "the loss, where a number of y is NaN,")


@pytest.mark.points(1)
@pytest.mark.example(
    "line = nn.Linear(1, 1, device='meta')\n"
    "batch = torch.ones(2, 1), torch.ones(2, 1)  # from the CPU\n"
    "loss = train_step(line, batch, 'meta', torch.optim.SGD(line.parameters(), lr=0.1))\n"
    "loss.device.type",
    gives="meta",
)
def test_batch_follows_the_model(student, rng):
    """A batch from the CPU goes to the device of the model, a name or a torch.device, and the loss is there.

    Hint: move x and y, and use what .to returns. Reading a number back is an error on meta.
    """
    w, b, batches = drawn(rng)
    model, optimizer = student.run(linear_on, w, b, "meta", RATE, 0.0)
    for batch, device in zip(batches, ("meta", student.run(device_named, "meta")), strict=True):
        loss = student.train_step(model, sent(batch), device, optimizer)
        check_on(student, [loss], "meta", "the loss")
    here, there = sent(batches[0]), [student.run(moved, part, "meta") for part in sent(batches[0])]
    for batch in (there, (there[0], here[1]), (here[0], there[1])):
        loss = student.train_step(model, tuple(batch), "meta", optimizer)
        check_on(student, [loss], "meta", "with x or y on the device already, the loss")
    model, optimizer = student.run(linear_on, w, b, "cpu", RATE, MOMENTUM)
    check_kept(student, "the batch must stay as it was, and so must the model's mode and what of it is trained",
               student.train_step, model, sent(batches[0]), "cpu", optimizer)  # fmt: skip
    read, called = student.run(seen_in, student.train_step, model, sent(batches[0]), "cpu:0", optimizer)
    check(read == 0, "a step may not read a number back, whatever the device", got=f"read {read} times")
    check(len(called) == 1, "a step must call the model once", got=f"{len(called)} times")
    check(called == [True], "a model in training mode must be called in it")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "line = nn.Linear(1, 1, device='meta')\n"
    "batch = torch.ones(2, 1), torch.ones(2, 1)  # from the CPU\n"
    "optimizer = torch.optim.SGD(line.parameters(), lr=0.1, momentum=0.9)\n"
    "train_step(line, batch, 'meta', optimizer)\n"
    "[line.weight.device.type, optimizer.state[line.weight]['momentum_buffer'].device.type]",
    gives=["meta", "meta"],
)
def test_state_stays_on_the_device(student, rng):
    """Parameters and the optimizer's state are on the device after a step, and so are gradients that are still there.

    Hint: do everything there; move nothing back.
    """
    w, b, (batch, _) = drawn(rng)
    model, optimizer = student.run(linear_on, w, b, "meta", RATE, 0.9)
    student.train_step(model, sent(batch), "meta", optimizer)
    names = ("every parameter", "every gradient", "the optimizer's state")
    for devices, what in zip(student.run(state_devices, model, optimizer), names, strict=True):
        check(len(devices) == 2 or what == "every gradient", f"there must be {what} after the step")
        check_places(devices, "meta", what)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "line, batch = nn.Linear(1, 1), (torch.ones(2, 1), torch.ones(2, 1))\n"
    "loss = train_step(line, batch, 'cpu', torch.optim.SGD(line.parameters(), lr=0.1))\n"
    "loss.requires_grad",
    gives=False,
)
def test_loss_has_no_graph(student, rng):
    """The loss is a tensor of one number, without the graph that it was computed by.

    Hint: return loss.detach(), not loss, and not loss.item().
    """
    w, b, (batch, _) = drawn(rng)
    model, optimizer = student.run(linear_on, w, b, "cpu", RATE, 0.0)
    got = student.run(about_the_loss, student.train_step, model, sent(batch), "cpu", optimizer)
    check(got == [[], False, True], "the loss must be a tensor with one number and no graph", got=got)
