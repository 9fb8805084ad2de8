"""The operations of tasks 6 and 7 as functions of their operands, and the probes that perform them.

Called here with arrays, such a function computes what is right. In the student's process, where :data:`sent` brings
it, it is called with the student's tensors.
"""

import ast
import inspect
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from autograder.grading import probe

sent = cache(probe)
"""A function as the probe to send."""


def typed(f: Callable[..., Any], operands: tuple[str, ...], options: dict[str, Any] | None = None) -> str:
    """What f returns, as a student types it: "x.sum(axis=0, keepdims=False)". The operands are given as texts."""
    expression, signature = _returned(f)
    bound = signature.bind(*operands, **(options or {}))
    bound.apply_defaults()
    texts = {
        name: text if place < len(operands) else repr(text)
        for place, (name, text) in enumerate(bound.arguments.items())
    }
    return _NAME.sub(lambda found: texts.get(found[0], found[0]), expression)


_NAME = re.compile(r"(?<!\.)\b[a-z]\w*\b(?!=)")
"""A name in an expression, and neither an attribute nor what a keyword is called."""


@cache
def _returned(f: Callable[..., Any]) -> tuple[str, inspect.Signature]:
    """The expression that a function of one line returns."""
    (definition,) = ast.parse(inspect.getsource(f)).body
    return ast.unparse(definition.body[-1].value), inspect.signature(f)  # type: ignore[attr-defined]


def addition(x, y):
    return x + y


def subtraction(x, y):
    return x - y


def multiplication(x, y):
    return x * y


def division(x, y):
    return x / y


def power(x, y):
    return x**y


def negation(x):
    return -x


def in_company(x, y):
    return (x + y) * (x - y) + x * y + x / y + x**y


def matmul(x, y):
    return x @ y


def matmul_with_its_transpose(x):
    return x @ x.T


def sum_over(x, axis=0, keepdims=False):
    return x.sum(axis=axis, keepdims=keepdims)


def sum_by_position(x, axis=1, keepdims=True):
    return x.sum(axis, keepdims)


def sums_in_turn(x):
    return x.sum(axis=1, keepdims=True).sum(axis=0)


def reshape(x, shape):
    return x.reshape(shape)


def reshapes_in_turn(x):
    return x.reshape(2, 6).reshape(3, 4)


def reshape_by_lengths(x, shape=(3, 2)):
    return x.reshape(*shape)


def reshape_to_a_number(x):
    return x.reshape(()).reshape(1, 1)


def reshape_of_T(x, shape):
    return x.T.reshape(*shape)


def T_of_reshape(x, shape):
    return x.reshape(*shape).T


def transpose(x, axes=()):
    return x.transpose(*axes)


def transposes_in_turn(x):
    return x.transpose(1, 2, 0).transpose(0, 2, 1)


def attribute_T(x):
    return x.T


def exp(x):
    return x.exp()


def log(x):
    return x.log()


def relu(x):
    return x.relu()


@probe
def data_of_each(functions, *operands):
    """The data of what each function gives. Each has an array of its own, which it may spoil only for itself."""
    return [f(*(o.copy() if type(o).__name__ == "ndarray" else o for o in operands)).data for f in functions]


@probe
def data_with_each(f, x, ways):
    """The data of what f gives with each of these options."""
    return [f(x, **options).data for options in ways]


@probe
def requires_grad_of_each(functions, x):
    return [f(x).requires_grad for f in functions]


@probe
def gradients_after_backward(f, operands, leaves, upstream, Tensor, options):
    """The gradients of all leaves. A string among the operands is the name of a leaf; anything else is a constant.

    Before it goes back, f has other leaves: what it keeps belongs to each call.
    """
    tensors = {name: Tensor(data, requires_grad=True) for name, data in leaves.items()}
    result = f(*(tensors[o] if isinstance(o, str) else o for o in operands), **options)
    f(*(Tensor(leaves[o] + 3.0, requires_grad=True) if isinstance(o, str) else o for o in operands), **options)
    result.backward(upstream)
    return [x.grad for x in tensors.values()]


@probe
def two_passes(f, operands, leaves, upstream, Tensor):
    """Gradients after one pass and after two, which are None if the graph was freed; data of the leaves, and of f.

    Last comes the first leaf's gradient behind f + x, where both can be added: a sum may hand one array to both.
    """

    def gradients(tensors):
        arrays = [x.grad if type(x.grad).__name__ in ("ndarray", "NoneType") else x.grad.data for x in tensors.values()]
        return [a if a is None else a.copy() for a in arrays]

    tensors, others = ({name: Tensor(data, requires_grad=True) for name, data in leaves.items()} for _ in range(2))
    result = f(*(tensors[o] for o in operands))
    before = result.data.copy()
    result.backward(upstream)
    once = gradients(tensors)
    try:
        result.backward(upstream)
        twice = gradients(tensors)
    except RuntimeError:
        twice = None
    beside, x = f(*(others[o] for o in operands)), others[operands[0]]
    if beside.shape == x.shape:
        (beside + x).backward(upstream)
    added = gradients(others)[0] if beside.shape == x.shape else None
    return once, twice, [x.data for x in tensors.values()], before, result.data, added
