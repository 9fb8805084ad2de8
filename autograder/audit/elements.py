"""Mutation operators on values and on what is gone through: memory, precision, elements, order, identity, axes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.audit.functions import Function, mutable_parameters, own
from autograder.audit.operators import Operator, Replacement, Source

WIDTHS = {"float64": "float32", "float32": "float64", "int64": "int32", "int32": "int64", "double": "float"}
NEW = re.compile(
    r"np\.(?:zeros|ones|empty|full|array|asarray|eye|arange|linspace)|torch\.(?:zeros|ones|empty|tensor|eye)"
)
SHARING = {"np.array": "np.asarray", "np.asarray": "np.array", "torch.tensor": "torch.as_tensor"}
AXES = frozenset(["axis", "axes", "dim"])


def shared_memory(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Takes the array itself instead of a copy, or returns a copy of an object that others hold."""
    if isinstance(node, ast.Call):
        called = source.of(node.func)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("copy", "clone", "detach") and not node.args:
            yield node, node, source.of(node.func.value)
        if called in SHARING:
            yield node.func, node.func, SHARING[called]
    if isinstance(node, Function):
        given = mutable_parameters(node)
        for one in (one for one in own(node) if isinstance(one, ast.Return)):
            for part in _parts(one):
                if isinstance(part, ast.Attribute) or (isinstance(part, ast.Name) and part.id in given):
                    yield part, part, f'__import__("copy").copy({source.of(part)})'


def _parts(statement: ast.Return) -> list[ast.expr]:
    """The values that a statement returns."""
    value = statement.value
    return value.elts if isinstance(value, ast.Tuple) else [value] if value is not None else []


def precision(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """float64 for float32, int64 for int32, and the other way round."""
    if isinstance(node, ast.Attribute) and node.attr in WIDTHS:
        yield node, node, f"{source.of(node.value)}.{WIDTHS[node.attr]}"
    elif isinstance(node, ast.Constant) and node.value in ("float64", "float32", "int64", "int32"):
        yield node, node, repr(WIDTHS[str(node.value)])
    elif isinstance(node, ast.Call) and NEW.fullmatch(source.of(node.func)) and node.args:
        other = 'dtype="float32"' if source.of(node.func).startswith("np.") else "dtype=torch.float64"
        if all(keyword.arg != "dtype" for keyword in node.keywords):
            yield node, node, f"{source.of(node)[:-1].rstrip()}, {other})"


def some_elements(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Goes through the first or the last element only, or through all but one."""
    if isinstance(node, ast.For | ast.comprehension):
        for which in ("[:1]", "[-1:]", "[1:]", "[:-1]"):
            yield node.iter, node.iter, f"list({source.of(node.iter)}){which}"


def other_order(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Goes through the elements in the opposite order, or in the order of their names."""
    if isinstance(node, ast.For | ast.comprehension):
        yield node.iter, node.iter, f"list({source.of(node.iter)})[::-1]"
        if isinstance(node.iter, ast.Call) and source.of(node.iter).endswith((".items()", ".keys()", ".values()")):
            yield node.iter, node.iter, f"sorted({source.of(node.iter)}, key=repr)"
    elif isinstance(node, ast.Call) and source.of(node.func) == "sorted" and node.keywords:
        yield node, node, source.of(node.args[0])


def one_more_or_less(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Ends a slice or a range one element too early or too late."""
    bounds: list[ast.expr | None] = []
    if isinstance(node, ast.Slice):
        bounds = [node.lower, node.upper]
    elif isinstance(node, ast.Call) and source.of(node.func) == "range":
        bounds = list(node.args)
    for bound in bounds:
        if bound is not None and not isinstance(bound, ast.Constant | ast.UnaryOp):
            for change in ("- 1", "+ 1"):
                yield bound, bound, f"({source.of(bound)}) {change}"


def identity(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """`is` for `==` and the other way round, the exact type for a type, membership by identity."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        one, other = source.of(node.left), source.of(node.comparators[0])
        swapped = {ast.Is: "==", ast.IsNot: "!=", ast.Eq: "is", ast.NotEq: "is not"}.get(type(node.ops[0]))
        plain = any(isinstance(part, ast.Constant) for part in (node.left, *node.comparators))
        if swapped and not (plain and swapped.startswith("is")):  # equal small numbers and texts are one object
            yield node, node, f"{one} {swapped} {other}"
        elif isinstance(node.ops[0], ast.In | ast.NotIn):
            negated = "not " if isinstance(node.ops[0], ast.NotIn) else ""
            yield node, node, f"({negated}any({one} is one for one in {other}))"
    elif isinstance(node, ast.Call) and source.of(node.func) == "isinstance":
        kinds = source.of(node.args[1]).strip("()").replace("|", ",")
        yield node, node, f"(type({source.of(node.args[0])}) in ({kinds},))"


def axis_as_given(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Takes an axis as it comes, or without its sign."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and "ndim" in source.of(node.right):
        yield node, node, source.of(node.left)
    if isinstance(node, ast.Call):
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        for one in given:
            name = getattr(one, "attr", None) or getattr(one, "id", "")
            if name in AXES:
                yield one, one, f"(abs({source.of(one)}) if isinstance({source.of(one)}, int) else {source.of(one)})"
        for keyword in node.keywords:
            if keyword.arg in AXES and isinstance(keyword.value, ast.Constant) and keyword.value.value in (0, 1):
                yield keyword.value, keyword.value, str(keyword.value.value - 2)


ELEMENTS: dict[str, Operator] = {
    "shared memory": shared_memory,
    "precision": precision,
    "some elements": some_elements,
    "other order": other_order,
    "one more or less": one_more_or_less,
    "identity": identity,
    "axis as given": axis_as_given,
}
