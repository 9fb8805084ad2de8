"""Hidden tests that need a GPU, for PyTorch: what tasks 1, 3, 4, 5 and 10 left behind, on the real thing."""

import numpy as np
import pytest

from autograder.graders.device_placement import oracles
from autograder.graders.device_placement.oracles import (
    check_on,
    check_places,
    check_weights,
    close,
    descend,
    gradients_through,
    layers,
    linear_on,
    moved,
    network,
    parameters_of,
    singles,
    state_devices,
    tensor,
)
from autograder.graders.oracles import numeric_gradients
from autograder.grading import as_numbers, assert_close, check, is_a, probe

RATE = 0.1
FIRST_USE_S = 60
"""CPU seconds: the first operation on a GPU loads libraries and kernels."""


@probe
def loss_without_waiting(train_step, model, batch, device, optimizer):
    import torch

    batch = [part.to(device) for part in batch]
    train_step(model, batch, device, optimizer)  # the first step may allocate, and wait for that
    on_gpu = torch.device(device).type == "cuda"
    if on_gpu:
        torch.cuda.synchronize()
        torch.cuda.set_sync_debug_mode("error")  # from here on, whatever makes the CPU wait raises
    try:
        loss = train_step(model, batch, device, optimizer)
    finally:
        if on_gpu:
            torch.cuda.set_sync_debug_mode("default")
    return loss


@probe
def large_product(device, size):
    """Work for the device, a wait for it, a clock, and what the clock noted: was the device idle when it was read?"""
    import time

    import torch

    on_gpu = torch.device(device).type == "cuda"
    one, idle = torch.ones(size, size, device=device), []
    wait = torch.cuda.synchronize if on_gpu else int
    wait()

    def clock():
        idle.append(torch.cuda.current_stream().query() if on_gpu else True)
        return time.perf_counter()

    return lambda: one @ one, wait, clock, lambda: idle


def kind():
    """The type of the GPU's name."""
    return oracles.TORCH_GPU.partition(":")[0]


@probe
def made_on(device):
    import torch

    return torch.zeros(2, device=torch.device(device))


@pytest.mark.gpu
@pytest.mark.timeout(FIRST_USE_S)
@pytest.mark.points(0.5)
def test_gpu_is_picked(student):
    """The GPU is taken where it is there and comes first, with its number or without.

    Hint: torch.cuda.device_count() says how many there are; "cuda" and "cuda:0" are both names of the first.
    """
    for name in (oracles.TORCH_GPU, f"{oracles.TORCH_GPU}:0"):
        picked = student.pick_device([name, "meta"])
        check_on(student, [student.run(made_on, picked)], kind(), "a tensor sent there")


@pytest.mark.gpu
@pytest.mark.timeout(FIRST_USE_S)
@pytest.mark.points(0.5)
def test_module_on_the_gpu(student, rng):
    """The module computes on the GPU, where its output is, what it computes on the CPU.

    Hint: buffers move along; what forward makes needs device=x.device.
    """
    mean, std, x = singles(rng, 3), 0.5 + np.abs(singles(rng, 3)), singles(rng, 5, 3)
    module = student.run(moved, student.Standardize(tensor(mean), tensor(std)), oracles.TORCH_GPU)
    got = student.run(outputs, module, tensor(x), oracles.TORCH_GPU)
    close(got, np.column_stack([(x - mean) / std, np.ones(5)]), "the output")
    check_places(student.run(output_device, module, tensor(x), oracles.TORCH_GPU), kind(), "the output")


@probe
def outputs(module, x, device):
    return module(x.to(device)).detach().cpu()


@probe
def output_device(module, x, device):
    return [str(module(x.to(device)).device)]


@pytest.mark.gpu
@pytest.mark.timeout(FIRST_USE_S)
@pytest.mark.points(1)
def test_step_on_the_gpu(student, rng):
    """Two steps on the GPU give the CPU's numbers, and parameters, optimizer state and any gradients are there.

    Hint: move the batch and nothing else; the optimizer makes its state where the parameters are.
    """
    w, b = singles(rng, 2, 3), singles(rng, 2)
    model, optimizer = student.run(linear_on, w, b, oracles.TORCH_GPU, RATE, 0.0)
    for _ in range(2):
        x, y = singles(rng, 6, 3), singles(rng, 6, 2)
        loss = student.train_step(model, (tensor(x), tensor(y)), oracles.TORCH_GPU, optimizer)
        check_on(student, [loss], kind(), "the loss")
        w, b, expected = descend(w, b, x, y, RATE)
        close(loss, expected, "the loss")
    check_weights(student.run(parameters_of, model), w, b, "after two steps")
    model, optimizer = student.run(linear_on, singles(rng, 2, 3), singles(rng, 2), oracles.TORCH_GPU, RATE, 0.9)
    student.train_step(model, (tensor(x), tensor(y)), oracles.TORCH_GPU, optimizer)
    names = ("every parameter", "every gradient", "the optimizer's state")
    for devices, what in zip(student.run(state_devices, model, optimizer), names, strict=True):
        check(len(devices) == 2 or what == "every gradient", f"there must be {what} after the step")
        check_places(devices, kind(), what)


@pytest.mark.gpu
@pytest.mark.timeout(FIRST_USE_S)
@pytest.mark.points(0.5)
def test_nothing_is_read_back(student, rng):
    """A step on a batch that is on the GPU already does not make the CPU wait.

    Hint: no .item(), no float(loss), no print, no `if` on a tensor, no .cpu().
    """
    model, optimizer = student.run(linear_on, singles(rng, 2, 3), singles(rng, 2), oracles.TORCH_GPU, RATE, 0.0)
    batch = [tensor(singles(rng, 6, 3)), tensor(singles(rng, 6, 2))]
    loss = student.run(loss_without_waiting, student.train_step, model, batch, oracles.TORCH_GPU, optimizer)
    check_on(student, [loss], kind(), "the loss")


@pytest.mark.gpu
@pytest.mark.timeout(FIRST_USE_S)
@pytest.mark.points(0.5)
def test_split_over_cpu_and_gpu(student, rng):
    """A network that is half on the CPU and half on the GPU computes what it computes in one place, and its gradients.

    Hint: x.to(d0), then the first part, .to(d1), the second part.
    """
    weights, x, g = [singles(rng, *size) for size in ((4, 3), (5, 4), (2, 5))], singles(rng, 6, 3), singles(rng, 6, 2)
    net = student.run(layers, weights)
    forward = student.split_forward(net, "cpu", oracles.TORCH_GPU)
    close(student.run(result_here, forward, tensor(x)), network(x, *weights), "the output")
    got = student.run(gradients_through, forward, net, tensor(x), tensor(g))
    check(isinstance(got, list) and all(part is not None for part in got), "every parameter must get a gradient")
    arrays = [np.asarray(array, dtype=np.float64) for array in (x, *weights)]
    for found, expected in zip(got, numeric_gradients(network, arrays, g.astype(np.float64)), strict=True):
        assert_close(found, expected, what=f"a gradient of shape {expected.shape}", rtol=1e-3, atol=1e-4)


@probe
def result_here(forward, x):
    return forward(x).detach().cpu()


@pytest.mark.gpu
@pytest.mark.timeout(FIRST_USE_S)
@pytest.mark.points(0.5)
def test_benchmark_waits_for_the_gpu(student):
    """Whenever the clock is read, the GPU has done all that it was given.

    Hint: sync() before the clock is read, the first time and the second.
    """
    work, wait, clock, idle = student.run(large_product, oracles.TORCH_GPU, 8192 if kind() == "cuda" else 64)
    seconds = as_numbers(student.benchmark(work, wait, clock=clock), "the measurements").ravel()
    check(seconds.size == 5, "there must be five measurements", got=seconds)
    read = idle()
    check(is_a(read, list) and len(read) >= 6, "the clock that was given must be read")
    busy = sum(found is not True for found in read)
    check(busy == 0, "the GPU must be done whenever the clock is read", got=f"it was busy {busy} of {len(read)} times")
