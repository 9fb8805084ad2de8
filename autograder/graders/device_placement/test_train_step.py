"""Hidden tests of task 4: one step on a device. On `meta`, whatever reads a number back raises."""

import pytest

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

RATE = 0.1


@probe
def with_old_gradients(model):
    import torch

    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)


@probe
def losses_of_one_batch(train_step, model, batch, device, optimizer):
    """The losses of two steps, and of a third after x has got other numbers in its place."""
    losses = [train_step(model, batch, device, optimizer) for _ in range(2)]
    batch[0].neg_()
    return [*losses, train_step(model, batch, device, optimizer)]


@probe
def variant(model, dtype, flat):
    """The model in another dtype; its predictions in one row, perhaps."""
    import torch

    model = model.to(getattr(torch, dtype))
    return torch.nn.Sequential(model, torch.nn.Flatten(0)) if flat else model


@probe
def about_the_loss(train_step, *arguments):
    import torch

    loss = train_step(*arguments)
    if not isinstance(loss, torch.Tensor):
        return type(loss).__name__
    return [list(loss.shape), loss.requires_grad, loss.grad_fn is None]


@probe
def seen_in(train_step, model, *arguments):
    """How often a step asks a tensor for its numbers, and calls its model.

    item, float, bool and tolist are one operation to torch; numpy and cpu are none on the CPU.
    """
    from torch.overrides import TorchFunctionMode
    from torch.utils._python_dispatch import TorchDispatchMode

    read, called = [], []
    model.register_forward_pre_hook(lambda *_: called.append(1))

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            if "_local_scalar_dense" in str(function):
                read.append(function)
            return function(*args, **(kwargs or {}))

    class Calls(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            if getattr(function, "__name__", "") in ("cpu", "numpy", "__array__"):
                read.append(function)
            return function(*args, **(kwargs or {}))

    with Watch(), Calls():
        train_step(model, *arguments)
    return len(read), len(called)


def drawn(rng):
    """Weight, bias, and two batches."""
    w, b = singles(rng, 2, 3), singles(rng, 2)
    return w, b, [(singles(rng, 6, 3), singles(rng, 6, 2)) for _ in range(2)]


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

    Hint: zero_grad, backward, step; nn.functional.mse_loss(model(x), y).
    """
    w, b, ((x, y), _) = drawn(rng)
    y *= 1000  # a long gradient is one, too
    for shape, dtype, flat in (((6,), "float32", False), ((2, 3), "float64", False), ((6,), "float32", True)):
        model, optimizer = student.run(linear_on, w, b, "cpu", RATE, 0.0)
        targets = y.ravel() if flat else y.reshape(*shape, 2)
        batch = tensor(x.reshape(*shape, 3), dtype), tensor(targets, dtype)
        loss = student.train_step(student.run(variant, model, dtype, flat), batch, "cpu", optimizer)
        new_w, new_b, expected = descend(w, b, x, y, RATE)
        what = f"for predictions {targets.shape} in {dtype}"
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

    Hint: optimizer.zero_grad() before backward().
    """
    w, b, batches = drawn(rng)
    model, optimizer = student.run(linear_on, w, b, "cpu", RATE, 0.0)
    student.run(with_old_gradients, model)
    for batch in batches:
        student.train_step(model, sent(batch), "cpu", optimizer)
        w, b, _ = descend(w, b, *batch, RATE)
    check_weights(student.run(parameters_of, model), w, b, "after two steps")
    losses = student.run(losses_of_one_batch, student.train_step, model, sent(batch), "cpu", optimizer)
    x, y = batch
    steps = ("a third step", "a fourth step, with the same batch", "a step after x has changed in its place")
    for loss, numbers, what in zip(losses, (x, x, -x), steps, strict=True):
        w, b, expected = descend(w, b, numbers, y, RATE)
        close(loss, expected, f"the loss of {what}")


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
    model, optimizer = student.run(linear_on, w, b, "cpu", RATE, 0.0)
    read, called = student.run(seen_in, student.train_step, model, sent(batches[0]), "cpu", optimizer)
    check(read == 0, "a step may not read a number back, whatever the device", got=f"read {read} times")
    check(called == 1, "a step must call the model once", got=f"{called} times")


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
