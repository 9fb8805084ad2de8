"""What sprint 5's hidden tests know by themselves: how devices are spelt, one step of descent, a small network.

What the numbers must be is computed in numpy. Where a tensor is, the tensor says, in the student's process: evidence,
not proof. Where an operation was requested, the exported graph says, which is read in the clean room.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograder.graders.oracles import forward
from autograder.grading import TensorData, assert_close, check, is_a, probe

Array = np.ndarray
TORCH_GPU, TENSORFLOW_GPU = "cuda", "GPU:0"
"""What the tests that need a GPU run on. A test of these tests puts other devices here."""
_PLACE = re.compile(r"(?:.*/)?(?:device:)?(CPU|GPU):(\d+)", re.IGNORECASE)


def tensor(values: Any, dtype: str = "float32") -> TensorData:
    """Numbers that arrive in the student's kernel as a PyTorch tensor on the CPU."""
    return TensorData("torch", dtype, "cpu", np.asarray(values, dtype=dtype))


def singles(rng: np.random.Generator, *shape: int) -> Array:
    """Normal numbers that float32 holds exactly, so that both sides start from the same."""
    return rng.normal(size=shape).astype(np.float32)


def close(got: Any, expected: Any, what: str) -> None:
    """`assert_close` within the accuracy of a few float32 operations, for numbers of the order of 1."""
    assert_close(got, expected, what=what, rtol=1e-4, atol=1e-5)


def place(device: Any) -> str:
    """A TensorFlow device in one spelling, "GPU:0"; "" for whatever names none."""
    found = _PLACE.fullmatch(device) if is_a(device, str) else None
    return f"{found[1].upper()}:{int(found[2])}" if found else ""


def check_on(student: Any, tensors: Any, kind: str, what: str) -> None:
    """Check that tensors of the student's are on a device of this kind, with or without a number.

    A tensor with numbers has come by value, and brought along where it was; one on `meta` is asked where it is.
    """
    devices = []
    for t in tensors:
        devices.append(t.device if isinstance(t, TensorData) else student.run(device_of, t))
        check(devices[-1] is not None, f"{what} must be a tensor", got=t)
    check_places(devices, kind, what)


def check_places(devices: Any, kind: str, what: str) -> None:
    """Check that a list of PyTorch's device names has only devices of this kind, with or without a number."""
    known = is_a(devices, list) and all(is_a(device, str) for device in devices)
    check(known and all(device.partition(":")[0] == kind for device in devices), f"{what} must be on {kind}",
          got=devices)  # fmt: skip


def leaves(tree: Any) -> Iterator[Any]:
    """What is in nested lists, tuples and dicts, in order."""
    if isinstance(tree, dict | list | tuple):
        for part in tree.values() if isinstance(tree, dict) else tree:
            yield from leaves(part)
    else:
        yield tree


@probe
def device_of(tensor):
    """The name of a tensor's device; None for what is no tensor. PyTorch is asked, not the object, of any class."""
    import torch

    try:
        return str(torch.Tensor.device.__get__(tensor))
    except TypeError:
        return None


@probe
def device_named(name):
    """A torch.device."""
    import torch

    return torch.device(name)


@probe
def moved(tensor, device):
    """A tensor or module over there, as an object."""
    return tensor.to(device)


@probe
def linear_on(w, b, device, rate, momentum):
    """A linear model with these weights on a device, and an optimizer that was made for it there."""
    import torch

    model = torch.nn.Linear(w.shape[1], w.shape[0])
    with torch.no_grad():
        model.weight.copy_(torch.from_numpy(w))
        model.bias.copy_(torch.from_numpy(b))
    model = model.to(device)
    groups = [{"params": [parameter]} for parameter in model.parameters()]
    return model, torch.optim.SGD(groups, lr=rate, momentum=momentum)


@probe
def parameters_of(model):
    """The values of all parameters."""
    return [parameter.detach().cpu() for parameter in model.parameters()]


@probe
def state_devices(model, optimizer):
    """Where parameters, gradients and the optimizer's state are: three lists of names."""
    parameters = list(model.parameters())
    gradients = [p.grad for p in parameters if p.grad is not None]
    state = [v for values in optimizer.state.values() for v in values.values() if hasattr(v, "device")]
    return [[str(t.device) for t in tensors] for tensors in (parameters, gradients, state)]


@probe
def layers(weights):
    """Five layers: linear, tanh, linear, tanh, linear."""
    import torch

    net = []
    for w in weights:
        layer = torch.nn.Linear(w.shape[1], w.shape[0])  # meta would let a product without a bias mix devices
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(w))
            layer.bias.zero_()
        net += [layer, torch.nn.Tanh()]
    return torch.nn.Sequential(*net[:-1])


@probe
def gradients_through(forward, net, x, g):
    """The gradients of sum(g * forward(x)): of x, and of each of the network's weights; None where there is none."""
    x = x.requires_grad_()
    y = forward(x)
    y.backward(g.to(y.device))
    weights = [layer.weight for layer in net if hasattr(layer, "weight")]
    return [None if t.grad is None else t.grad.cpu() for t in (x, *weights)]


def network(x: Array, *weights: Array) -> Array:
    """What those five layers compute."""
    *hidden, last = weights
    for w in hidden:
        x = np.tanh(x @ w.T)
    return x @ last.T


def descend(w: Array, b: Array, x: Array, y: Array, rate: float) -> tuple[Array, Array, float]:
    """One step of descent on the mean squared error of x @ w.T + b, and the loss before it."""
    x = x.astype(np.float64)
    error = x @ w.T + b - y
    slope = 2 * error / error.size
    return w - rate * slope.T @ x, b - rate * slope.sum(axis=0), float(np.mean(error**2))


def check_weights(got: Any, w: Array, b: Array, when: str) -> None:
    """Check what `parameters_of` said of a linear model."""
    check(isinstance(got, list) and len(got) == 2, "the model must keep its weight and its bias")
    for found, expected, name in zip(got, (w, b), ("weight", "bias"), strict=True):
        close(found, expected, f"the {name} {when}")


def draw_images(rng: np.random.Generator, count: int) -> Array:
    """Images (count, 28, 28, 1) of noise between 0 and 1, which float32 holds exactly."""
    return rng.uniform(size=(count, 28, 28, 1)).astype(np.float32)


def placed_network(weights: Sequence[Array], images: Array) -> tuple[Array, Array]:
    """h and y of the graph in task 6, for images (n, 28, 28, 1) and weights in PyTorch's layout."""
    y, (_, _, _, maps, *_) = forward(weights, images[..., 0])
    return maps.transpose(0, 2, 3, 1), y


def softmax(logits: Array) -> Array:
    """The softmax of each row, in float64."""
    e = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@probe
def config_for_two_cpus(soft):
    """A session's configuration with two CPUs."""
    import tensorflow as tf

    config = tf.compat.v1.ConfigProto(allow_soft_placement=soft, device_count={"CPU": 2})
    config.graph_options.rewrite_options.disable_meta_optimizer = True  # it may rename what ran
    return config


@probe
def chain(devices, scope=""):
    """A graph start -> n0 -> n1 -> ..., each operation requested on one of the devices; and one beside it.

    In a scope, every second one is an Identity.
    """
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        start = value = tf.compat.v1.placeholder("float32", [None], "start")
        for number, device in enumerate(devices):
            with tf.device(device):
                value = (tf.identity if scope and number % 2 else tf.math.sin)(value, name=f"{scope}n{number}")
        tf.math.cos(start, name="beside")
    return graph


def check_mapping(got: Any, what: str) -> dict[str, Any]:
    """What came back, if it is a dict with text for keys."""
    check(is_a(got, dict) and all(is_a(key, str) for key in got), f"{what} must be a dict by name", got=got)
    return dict(got)


@probe
def averages(average, towers, devices, device):
    """The means of gradients, each tower's on its device, and for each which of the variables came with it.

    If what comes back is no list, its type. It is the second call with these variables.
    """
    import numpy as np
    import tensorflow as tf

    like = [next((array for array in column if array is not None), 0.0) for column in zip(*towers, strict=True)]
    variables = [tf.Variable(np.zeros_like(array), name="v" if place == 0 else "u") for place, array in enumerate(like)]
    for sign in (-1, 1):
        given = []
        for arrays, where in zip(towers, devices, strict=True):
            with tf.device(where):
                tensors = [None if array is None else tf.identity(tf.constant(sign * array)) for array in arrays]
            given.append(list(zip(tensors, variables, strict=True)))
        result = average(given, device)
    if not isinstance(result, list):
        return type(result).__name__
    numbers = {id(variable): number for number, variable in enumerate(variables)}
    return [[mean, numbers.get(id(variable))] for mean, variable in result]


def check_pairs(got: Any, count: int) -> list[Any]:
    """What `averages` said, if there is a pair for each variable."""
    check(isinstance(got, list) and len(got) == count, "there must be a list of one pair for each variable", got=got)
    return list(got)


@probe
def device_with_a_clock(costs, launch, earlier):
    """A device in virtual time: fn, sync, clock, and a function that tells how often fn was called.

    A call of fn takes `launch` seconds and hands over work of the next of `costs`; earlier work is under way.
    """
    now, busy, calls = 0.0, earlier, 0

    def fn():
        nonlocal now, busy, calls
        now += launch
        busy = max(now, busy) + costs[min(calls, len(costs) - 1)]
        calls += 1

    def sync():
        nonlocal now
        now = max(now, busy)

    return fn, sync, lambda: now, lambda: calls
