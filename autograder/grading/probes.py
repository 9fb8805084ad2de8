"""Probes: a grader's functions that run in the student's process.

A probe is sent as source text, so it must be self-contained: imports inside, no globals, no closure. It must not
contain an expected value, because the student's code can read everything in it.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import symtable
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from autograder.errors import PlatformFault


@dataclass(frozen=True)
class Probe:
    """A function as the source text to send, without decorators, docstring, annotations and comments.

    ``shown``: the lines of the transcript for a run of it; without any, its name and its arguments.
    """

    name: str
    source: str
    shown: tuple[str, ...] = ()

    def typed(self, *lines: str) -> Probe:
        """The same probe, shown as lines that a student can type; behind the last one stands what came back."""
        return replace(self, shown=lines)

    def __describe__(self) -> str:
        """The probe's name for the transcript, which never shows the source."""
        return self.name

    def __call__(self, *args: object, **kwargs: object) -> NoReturn:
        raise PlatformFault(f"probe {self.name} runs in the kernel: write student.run({self.name}, ...)")


def probe(function: Callable[..., Any]) -> Probe:
    """Mark a module-level function as a probe.

    Raises
    ------
    PlatformFault
        when it uses a name from outside itself, or is not a plain function.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    if not isinstance(definition, ast.FunctionDef):
        raise PlatformFault("a probe is a plain function")
    definition.decorator_list = []
    if ast.get_docstring(definition) is not None:
        definition.body = definition.body[1:] or [ast.Pass()]
    for node in ast.walk(definition):  # annotations use names that the kernel lacks
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
    source = ast.unparse(tree)
    foreign = sorted(set(_globals(symtable.symtable(source, "probe", "exec"))) - {function.__name__})
    if function.__code__.co_freevars or foreign:
        names = ", ".join([*function.__code__.co_freevars, *foreign])
        raise PlatformFault(f"probe {function.__name__} uses names from outside itself: {names}")
    return Probe(function.__name__, source)


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    """Names that the function needs from outside. Those in default values are in the outermost table."""
    for symbol in table.get_symbols():
        if symbol.is_global() and symbol.is_referenced() and not hasattr(builtins, symbol.get_name()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals(child)
