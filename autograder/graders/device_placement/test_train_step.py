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
def two_losses(train_step, *arguments):
    return [train_step(*arguments) for _ in range(2)]


@probe
def about_the_loss(train_step, *arguments):
    import torch

    loss = train_step(*arguments)
    if not isinstance(loss, torch.Tensor):
        return type(loss).__name__
    return [list(loss.shape), loss.requires_grad, loss.grad_fn is None]


@probe
def numbers_read_in(train_step, *arguments):
    """How often a step asks a tensor for its number: item, float, bool and tolist are one operation to torch."""
    from torch.utils._python_dispatch import TorchDispatchMode

    read = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            if "_local_scalar_dense" in str(function):
                read.append(function)
            return function(*args, **(kwargs or {}))

    with Watch():
        train_step(*arguments)
    return len(read)


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
    w, b, (batch, _) = drawn(rng)
    model, optimizer = student.run(linear_on, w, b, "cpu", RATE, 0.0)
    loss = student.train_step(model, sent(batch), "cpu", optimizer)
    w, b, expected = descend(w, b, *batch, RATE)
    close(loss, expected, "the loss")
    check_weights(student.run(parameters_of, model), w, b, "after the step")


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
    third, fourth = student.run(two_losses, student.train_step, model, sent(batch), "cpu", optimizer)
    w, b, expected = descend(w, b, *batch, RATE)
    close(third, expected, "the loss of a third step")
    close(fourth, descend(w, b, *batch, RATE)[2], "the loss of a fourth step, with the same batch")


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
    model, optimizer = student.run(linear_on, w, b, "cpu", RATE, 0.0)
    read = student.run(numbers_read_in, student.train_step, model, sent(batches[0]), "cpu", optimizer)
    check(read == 0, "a step may not read a number back, whatever the device", got=f"read {read} times")


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
