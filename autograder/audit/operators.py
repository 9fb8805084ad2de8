"""Mutation operators for this field that cosmic-ray lacks, as edits of a source text.

Each operator looks at one node of the syntax tree and yields replacements for a part of the source.
"""

from __future__ import annotations

import ast
import itertools
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.authoring.variants import solution_stretches

REDUCING = frozenset(["axis", "keepdims", "dim", "keepdim"])


@dataclass(frozen=True)
class Edit:
    """A part of a source, as character offsets, and its replacement."""

    operator: str
    start: int
    end: int
    text: str


Replacement = tuple[ast.AST, ast.AST, str]
"""The first and the last node of the part to replace, and the replacement."""
Operator = Callable[[ast.AST, "Source"], Iterator[Replacement]]


class Source:
    """A source text and the positions of its nodes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        lines = text.splitlines(keepends=True)
        self._lines = lines
        self._starts = [0, *itertools.accumulate(map(len, lines))]

    def offset(self, line: int, column: int) -> int:
        """The text offset of a line (from 1) and a column (in UTF-8 bytes, as :mod:`ast` counts)."""
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode(errors="ignore"))

    def start(self, node: ast.AST) -> int:
        """The offset where a node begins."""
        return self.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """The offset where a node ends."""
        return self.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def of(self, node: ast.AST) -> str:
        """The text of a node."""
        return self.text[self.start(node) : self.end(node)]

    def between(self, one: ast.AST, other: ast.AST) -> str:
        """The text between two nodes."""
        return self.text[self.end(one) : self.start(other)]

    def leads(self, node: ast.AST) -> bool:
        """Whether a node begins its line."""
        start = self.start(node)
        return not self.text[self.text.rfind("\n", 0, start) + 1 : start].strip()

    def block(self, statements: Sequence[ast.AST], column: int) -> str:
        """The text of statements of one block, moved to another column; the first line has no indentation."""
        first = statements[0]
        text = self.text[self.start(first) - first.col_offset : self.end(statements[-1])]  # type: ignore[attr-defined]
        return textwrap.indent(textwrap.dedent(text), " " * column).lstrip()

    def written(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[list[ast.stmt]]:
        """The statements of a function's body that students write, for each stretch between solution markers."""
        for start, end in solution_stretches(self.text):
            part = [one for one in function.body if start <= self.start(one) and self.end(one) <= end]
            if part:
                yield part

    def promised(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
        """The docstring of a function and that of the class that it is a method of."""
        classes = [node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef) and function in node.body]
        return "\n".join(ast.get_docstring(one) or "" for one in (function, *classes))

    def raised(self) -> list[tuple[int, int]]:
        """The positions of raised exceptions, including their messages, which no test looks at."""
        raised = [node.exc for node in ast.walk(self.tree) if isinstance(node, ast.Raise) and node.exc is not None]
        return [(self.start(error), self.end(error)) for error in raised]


def removed_statement(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Replaces a statement that has an effect by `pass`."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Raise | ast.Delete) or (
        isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    ):
        yield node, node, "pass"


def missing_accumulation(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Replaces `+=` by `=`, so that the last value wins."""
    if isinstance(node, ast.AugAssign):
        yield node, node, f"{source.of(node.target)} = {source.of(node.value)}"


def wrong_sign(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Negates a returned value."""
    if isinstance(node, ast.Return) and node.value is not None:
        values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        for value in values:
            if isinstance(value, ast.BinOp | ast.Call | ast.Name | ast.Subscript | ast.Attribute):
                yield value, value, f"-({source.of(value)})"


def swapped_arguments(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Swaps the first two arguments of a call, or the two sides of an operator that is not commutative."""
    if isinstance(node, ast.Call) and len(node.args) >= 2 and not any(isinstance(a, ast.Starred) for a in node.args):
        first, second = node.args[:2]
        between = source.text[source.end(first) : source.start(second)]
        yield first, second, f"{source.of(second)}{between}{source.of(first)}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        between = source.text[source.end(node.left) : source.start(node.right)]
        if "(" not in between and ")" not in between:
            yield node.left, node.right, f"({source.of(node.right)}){between}({source.of(node.left)})"


def dropped_axis(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Drops `axis` or `keepdims`, or torch's `dim` or `keepdim`, from a call."""
    if isinstance(node, ast.Call):
        for dropped in (k for k in node.keywords if k.arg in REDUCING):
            kept = [source.of(a) for a in node.args]
            kept += [source.of(k) for k in node.keywords if k is not dropped]
            yield node, node, f"{source.of(node.func)}({', '.join(kept)})"


def skipped_condition(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Makes a condition always false, or always true unless it is that of a `while`."""
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield node.test, node.test, "False"
        if not isinstance(node, ast.While):
            yield node.test, node.test, "True"


def dropped_call(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Drops a call with one argument, such as a copy or an unbroadcast, or a transpose `.T`."""
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
    """Every edit that these operators make."""
    return edits_by(OPERATORS, source)


def edits_by(operators: Mapping[str, Operator], source: Source) -> Iterator[Edit]:
    """Every edit that operators make, by the name of the mistake."""
    for node in ast.walk(source.tree):
        for name, operator in operators.items():
            for first, last, text in operator(node, source):
                yield Edit(name, source.start(first), source.end(last), text)
