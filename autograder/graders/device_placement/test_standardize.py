"""Hidden tests of task 3: a module with buffers. Its state is exported and read in the clean room."""

import numpy as np
import pytest

from autograder.graders.device_placement.callers import check_kept
from autograder.graders.device_placement.oracles import check_on, close, moved, singles, tensor
from autograder.grading import TensorData, as_numbers, assert_close, check, is_a, probe


@probe
def saved_state(module):
    import io

    import torch

    file = io.BytesIO()
    torch.save(dict(module.state_dict()), file)
    return file.getvalue()


@probe
def loaded_from(module, other):
    """Nothing; the module has the other's state, and its training has ended."""
    module.load_state_dict(other.state_dict())
    module.eval()


@probe
def in_dtype(module, name):
    import torch

    return module.to(getattr(torch, name))


@probe
def first_of_two(module, x, other):
    got = module(x)
    module(other)
    return got


@probe
def gradient_of_input(module, x, g):
    """The gradient of sum(g * module(x)); None where there is no graph."""
    y = module(x.requires_grad_() * 1)
    if not y.requires_grad:
        return None
    y.backward(g)
    return x.grad


@probe
def shape_of(x):
    return list(x.shape)


@probe
def trained_count(module):
    return sum(parameter.requires_grad for parameter in module.parameters())


def drawn(student, rng, d, smallest=None):
    """A module, its mean and deviation, the first of them perhaps a small one and the last then nought, and data."""
    mean, std, x = singles(rng, d), 0.5 + np.abs(singles(rng, d)), singles(rng, 5, d)
    if smallest is not None:
        std[0], std[-1] = smallest, 0
    return student.Standardize(tensor(mean), tensor(std)), mean, std, x


def standardized(x, mean, std):
    """What the module must compute."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.column_stack([(x - mean.astype(x.dtype)) / std, np.ones(len(x))])


@pytest.mark.points(0.5)
@pytest.mark.example(
    "scaler = Standardize(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0]))\n"
    "scaler(torch.tensor([[3.0, 6.0], [1.0, 2.0]])).tolist()",
    gives=[[2.0, 2.0, 1.0], [0.0, 0.0, 1.0]],
)
def test_forward(student, rng):
    """Columns are standardized, and a column of ones stands behind them, for any number of rows.

    Hint: torch.cat([…, ones], dim=1). A small deviation, one of nought and a NaN are numbers like others.
    """
    module, mean, std, x = drawn(student, rng, 3, smallest=1e-8)
    for rows in (x, x[:1], x[:0]):
        close(module(tensor(rows)), standardized(rows, mean, std), f"the output for {len(rows)} rows")
    got = student.run(first_of_two, module, tensor(x), tensor(x[::-1]))
    close(got, standardized(x, mean, std), "the output for a batch, after another batch of its size")
    check_kept(student, "x must stay as it was", module, tensor(x))
    x[0, 1], x[1], x[2] = np.nan, np.nan, np.inf
    close(module(tensor(x)), standardized(x, mean, std), "the output, where numbers of x are NaN or infinite")


@pytest.mark.points(1)
@pytest.mark.example(
    "scaler = Standardize(torch.zeros(2), torch.ones(2)).to('meta')\n"
    "scaler(torch.ones(5, 2, device='meta')).device.type",
    gives="meta",
)
def test_moves_as_a_whole(student, rng):
    """After module.to(device) it works on that device, and its output is there.

    Hint: a plain attribute stays behind, and so does a tensor that forward makes without device=.
    """
    module, _, _, x = drawn(student, rng, 3)
    module(tensor(x))  # what it keeps of a call has to move, too
    there = student.run(moved, module, "meta")
    got = there(student.run(moved, tensor(x), "meta"))
    check_on(student, [got], "meta", "the output")
    shape = student.run(shape_of, got)
    check(shape == [5, 4], "5 rows of 3 columns must give 5 rows of 4", got=shape)


@pytest.mark.points(1)
@pytest.mark.example(
    "state = Standardize(torch.zeros(2), torch.ones(2)).state_dict()\n['mean' in state, 'std' in state]",
    gives=[True, True],
)
def test_state(student, clean, rng):
    """Mean and deviation are saved with the module, under the names mean and std.

    Hint: register_buffer("mean", mean), with persistent left as it is.
    """
    module, mean, std, _ = drawn(student, rng, 4)
    state = clean.state_dict(student.run(saved_state, module))
    for name, expected in (("mean", mean), ("std", std)):
        check(name in state, f"the state_dict must have {name}", got=", ".join(sorted(map(str, state))))
        close(state[name], expected, f"{name} in the state_dict")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "scaler = Standardize(torch.zeros(1), torch.ones(1))\n"
    "other = Standardize(torch.tensor([1.0]), torch.tensor([2.0]))\n"
    "scaler.load_state_dict(other.state_dict())\n"
    "scaler(torch.tensor([[7.0]])).tolist()",
    gives=[[3.0, 1.0]],
)
def test_loaded_state_counts(student, rng):
    """A state that is loaded is what the module computes with.

    Hint: forward must use self.mean and self.std, not something computed from them earlier.
    """
    module, mean, std, x = drawn(student, rng, 3)
    other, *_ = drawn(student, rng, 3)
    other(tensor(x))
    student.run(loaded_from, other, module)
    close(other(tensor(x)), standardized(x, mean, std), "the output after load_state_dict and eval()")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "scaler = Standardize(torch.zeros(2), torch.ones(2))\nlen([p for p in scaler.parameters() if p.requires_grad])",
    gives=0,
)
def test_nothing_is_trained(student, rng):
    """Neither is trained: the module has no parameter with a gradient. But gradients flow back to x.

    Hint: a buffer, not an nn.Parameter; and no torch.no_grad().
    """
    module, mean, std, x = drawn(student, rng, 3)
    close(module(tensor(x)), standardized(x, mean, std), "the result")
    got = student.run(trained_count, module)
    check(is_a(got, int) and got == 0, "the module must have no parameters that are trained", got=got)
    g = singles(rng, 5, 4)
    got = student.run(gradient_of_input, module, tensor(x), tensor(g))
    check(isinstance(got, TensorData), "gradients must flow back to x", got=got)
    close(got, g[:, :3] / std, "the gradient of x")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "scaler = Standardize(torch.zeros(1), torch.ones(1))\n"
    "[str(scaler.to(d)(torch.ones(2, 1, dtype=d)).dtype) for d in (torch.float16, torch.float64)]",
    gives=["torch.float16", "torch.float64"],
)
def test_dtype_moves_along(student, rng):
    """After module.double() it computes in float64 throughout, after module.half() in float16.

    Hint: the column of ones takes its dtype from x.
    """
    module, mean, std, x = drawn(student, rng, 3)
    wide = x.astype(np.float64) + 1e-9 * rng.normal(size=x.shape)
    for name in ("float16", "bfloat16"):
        got = student.run(in_dtype, module, name)(TensorData("torch", name, "cpu", x))
        check(isinstance(got, TensorData) and got.dtype == name, f"the output must be {name}", got=got)
    module, mean, std, _ = drawn(student, rng, 3)
    got = student.run(in_dtype, module, "float64")(tensor(wide, "float64"))
    dtype = str(as_numbers(got, "the output").dtype)
    check(dtype == "float64", "the output must be float64", got=dtype)
    assert_close(got, standardized(wide, mean, std), what="the output in float64", rtol=1e-12, atol=1e-12)
    mean, std = rng.normal(size=3), rng.uniform(1, 2, size=3)
    module = student.Standardize(tensor(mean, "float64"), tensor(std, "float64"))
    got = student.run(in_dtype, module, "float64")(tensor(wide, "float64"))
    assert_close(got, standardized(wide, mean, std), what="the output with mean and deviation in float64", rtol=1e-12,
                 atol=1e-12)  # fmt: skip
