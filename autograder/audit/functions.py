"""What a mutation operator asks about a function: its own statements, its names, and which of them can be changed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import numpy as np

Function = ast.FunctionDef | ast.AsyncFunctionDef
_PLAIN = re.compile(r"^ *([\w, ]+?) : (?:an? )?(?:int|float|str|bool|number)\b(?! ?(?:nd)?array)", re.MULTILINE)
"""A line of a docstring that says that parameters are plain values."""

_OF_DATA = frozenset().union(*(dir(kind) for kind in (np.ndarray, list, tuple, dict, set, str)))
"""What arrays and plain data have, which are given anew when they change."""


def own(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function's body, without those of functions and classes in it."""
    left: list[ast.AST] = list(reversed(function.body))
    while left:
        node = left.pop()
        yield node
        if not isinstance(node, Function | ast.ClassDef | ast.Lambda):
            left.extend(reversed(list(ast.iter_child_nodes(node))))


def is_generator(function: Function) -> bool:
    """Whether the function yields."""
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own(function))


def parameters(function: Function) -> list[str]:
    """The names of a function's parameters."""
    return [one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)]


def mutable_parameters(function: Function) -> set[str]:
    """The parameters whose value may be one that can be changed in place: the docstring does not say it is plain."""
    said = ast.get_docstring(function) or ""
    plain = {name.strip() for match in _PLAIN.finditer(said) for name in match[1].split(",")}
    return set(parameters(function)) - plain


def assigned(function: Function) -> set[str]:
    """The names that a function assigns, its parameters among them if it does so."""
    return {node.id for node in own(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def bound(function: Function) -> set[str]:
    """The names that a function binds itself: its parameters and what it assigns."""
    return {*parameters(function), *assigned(function)}


def has_state(function: Function) -> bool:
    """Whether it looks at more of its parameters than data have, or calls one: its result may change in between."""
    names = set(parameters(function))
    return any(
        (isinstance(node, ast.Call) and calls(node) in names)
        or (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in names
            and node.attr not in _OF_DATA
        )
        for node in own(function)
    )


def calls(call: ast.Call) -> str:
    """The name of what is called; "" if it is not called by a name alone."""
    return call.func.id if isinstance(call.func, ast.Name) else ""
