"""Mutation operators of this field: what cosmic-ray does not know, as edits of a source text.

Each operator looks at one node of the syntax tree and says by what text a stretch of the source might be replaced.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

REDUCING = frozenset(["axis", "keepdims", "dim", "keepdim"])


@dataclass(frozen=True)
class Edit:
    """A stretch of a source, as offsets of characters, and what takes its place."""

    operator: str
    start: int
    end: int
    text: str


Operator = Callable[[ast.AST, "Source"], Iterator[tuple[ast.AST, ast.AST, str]]]
"""Gives the first and the last node of what is replaced, and the replacement."""


class Source:
    """A source text and the places of its nodes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        lines = text.splitlines(keepends=True)
        self._lines = lines
        self._starts = [0, *itertools.accumulate(map(len, lines))]

    def offset(self, line: int, column: int) -> int:
        """Where a line (from 1) and a column (in bytes of UTF-8, as :mod:`ast` counts) lie in the text."""
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode(errors="ignore"))

    def start(self, node: ast.AST) -> int:
        """Where a node begins."""
        return self.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """Where a node ends."""
        return self.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def of(self, node: ast.AST) -> str:
        """The text of a node."""
        return self.text[self.start(node) : self.end(node)]

    def raised(self) -> list[tuple[int, int]]:
        """Where the errors that are raised stand, with what they say: words, which no test looks at."""
        raised = [node.exc for node in ast.walk(self.tree) if isinstance(node, ast.Raise) and node.exc is not None]
        return [(self.start(error), self.end(error)) for error in raised]


def removed_statement(node: ast.AST, source: Source) -> Iterator[tuple[ast.AST, ast.AST, str]]:
    """A statement that does something is left out."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Raise | ast.Delete) or (
        isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    ):
        yield node, node, "pass"


def missing_accumulation(node: ast.AST, source: Source) -> Iterator[tuple[ast.AST, ast.AST, str]]:
    """`+=` becomes `=`: the last one wins."""
    if isinstance(node, ast.AugAssign):
        yield node, node, f"{source.of(node.target)} = {source.of(node.value)}"


def wrong_sign(node: ast.AST, source: Source) -> Iterator[tuple[ast.AST, ast.AST, str]]:
    """What is returned has the other sign."""
    if isinstance(node, ast.Return) and node.value is not None:
        values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        for value in values:
            if isinstance(value, ast.BinOp | ast.Call | ast.Name | ast.Subscript | ast.Attribute):
                yield value, value, f"-({source.of(value)})"


def swapped_arguments(node: ast.AST, source: Source) -> Iterator[tuple[ast.AST, ast.AST, str]]:
    """The first two arguments of a call, or the two sides of what depends on their order, change places."""
    if isinstance(node, ast.Call) and len(node.args) >= 2 and not any(isinstance(a, ast.Starred) for a in node.args):
        first, second = node.args[:2]
        between = source.text[source.end(first) : source.start(second)]
        yield first, second, f"{source.of(second)}{between}{source.of(first)}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        between = source.text[source.end(node.left) : source.start(node.right)]
        if "(" not in between and ")" not in between:
            yield node.left, node.right, f"({source.of(node.right)}){between}({source.of(node.left)})"


def dropped_axis(node: ast.AST, source: Source) -> Iterator[tuple[ast.AST, ast.AST, str]]:
    """A reduction forgets `axis` or `keepdims`."""
    if isinstance(node, ast.Call):
        for dropped in (k for k in node.keywords if k.arg in REDUCING):
            kept = [source.of(a) for a in node.args]
            kept += [source.of(k) for k in node.keywords if k is not dropped]
            yield node, node, f"{source.of(node.func)}({', '.join(kept)})"


def skipped_condition(node: ast.AST, source: Source) -> Iterator[tuple[ast.AST, ast.AST, str]]:
    """A condition always holds, or never."""
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield node.test, node.test, "False"
        if not isinstance(node, ast.While):
            yield node.test, node.test, "True"


def dropped_call(node: ast.AST, source: Source) -> Iterator[tuple[ast.AST, ast.AST, str]]:
    """A function of one argument is not applied: no transpose, no copy, no unbroadcast."""
    if isinstance(node, ast.Call) and len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        yield node, node, source.of(node.args[0])
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node, node, source.of(node.value)


OPERATORS: dict[str, Operator] = {
    "removed statement": removed_statement,
    "missing accumulation": missing_accumulation,
    "wrong sign": wrong_sign,
    "swapped arguments": swapped_arguments,
    "dropped axis or keepdims": dropped_axis,
    "skipped condition": skipped_condition,
    "dropped call": dropped_call,
}


def edits(source: Source) -> Iterator[Edit]:
    """Every edit that these operators would make."""
    for node in ast.walk(source.tree):
        for name, operator in OPERATORS.items():
            for first, last, text in operator(node, source):
                yield Edit(name, source.start(first), source.end(last), text)
