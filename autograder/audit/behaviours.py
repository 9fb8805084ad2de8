"""Mutation operators that change how a solution behaves rather than what it computes on one call.

The code still gives the right value to whoever calls it once, with plain data, and looks at the result only. It keeps
state that it should not keep, changes what it was given, shares memory, leaves out an element or an exception.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.audit.elements import ELEMENTS
from autograder.audit.functions import (
    Function,
    assigned,
    bound,
    calls,
    has_state,
    is_generator,
    mutable_parameters,
    own,
    parameters,
)
from autograder.audit.operators import Edit, Operator, Replacement, Source, edits_by

IN_PLACE = frozenset(["+", "-", "*", "/", "@", "//", "%", "**", "|", "&"])
UFUNCS = frozenset(["np.exp", "np.log", "np.abs", "np.tanh", "np.negative", "np.square", "np.sqrt"])
IDEMPOTENT = frozenset(["add", "assign", "clear", "discard", "eval", "setdefault", "train", "update", "zero_grad"])
"""Methods that do no more when they are called twice."""
KEPT = 'globals().setdefault("_kept", {})'
"""What one mutant keeps from call to call; the notebook's own namespace has no such name."""


def kept_result(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Returns the first result again later: on all calls, and on those with the same arguments if these have state."""
    if not isinstance(node, Function) or is_generator(node):
        return
    names = parameters(node)
    for value in (one.value for one in own(node) if isinstance(one, ast.Return) and one.value is not None):
        if isinstance(value, ast.Constant):
            continue
        yield value, value, f"{KEPT}.setdefault(0, {source.of(value)})"
        if names and has_state(node) and not assigned(node) & {*names}:
            # the arguments are kept as well, so that no other object gets the same id
            by, alive = "".join(f"id({name}), " for name in names), ", ".join(names)
            yield value, value, f"{KEPT}.setdefault(({by}), ({source.of(value)}, {alive}))[0]"


def kept_value(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Makes a new list, dict or set, or asks for the state of something, only once, as a default value would."""
    if not isinstance(node, Function):
        return
    for statement in own(node):
        if isinstance(statement, ast.Assign):
            values = statement.value.elts if isinstance(statement.value, ast.Tuple) else [statement.value]
            for value in values:
                new = isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)
                if new or (isinstance(value, ast.Call) and not value.args and not value.keywords):
                    yield value, value, f"{KEPT}.setdefault(0, {source.of(value)})"


def changed_argument(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Computes in place on an argument, or sorts it in place."""
    if not isinstance(node, Function):
        return
    given = mutable_parameters(node)
    for one in own(node):
        if isinstance(one, ast.Assign | ast.Return) and source.leads(one):
            yield from _in_place(one, given, source)
        if isinstance(one, ast.Call) and one.args and isinstance(one.args[0], ast.Name) and one.args[0].id in given:
            name, called = one.args[0].id, source.of(one.func)
            if called == "sorted":
                options = ", ".join(source.of(keyword) for keyword in one.keywords)
                yield one, one, f"({name}.sort({options}), {name})[1]"
            elif called in UFUNCS:
                yield one, one, f"{called}({name}, out={name})"


def _in_place(statement: ast.Assign | ast.Return, given: set[str], source: Source) -> Iterator[Replacement]:
    value = statement.value
    if not isinstance(value, ast.BinOp) or not isinstance(value.left, ast.Name) or value.left.id not in given:
        return
    name, symbol = value.left.id, source.between(value.left, value.right).strip("() \n")
    head = source.text[source.start(statement) : source.start(value)]
    again = "" if head.strip() == f"{name} =" else f"\n{' ' * statement.col_offset}{head}{name}"
    if symbol in IN_PLACE:
        yield statement, statement, f"{name} {symbol}= {source.of(value.right)}{again}"


def state_not_restored(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Restores state on success only (`finally` and the end of a `with` block), or does without the `with`."""
    if isinstance(node, ast.Try) and node.finalbody and not node.handlers and source.leads(node):
        body, after = (source.block(part, node.col_offset) for part in (node.body, node.finalbody))
        yield node, node, f"{body}\n{' ' * node.col_offset}{after}"
        yield node, node, body
    if isinstance(node, ast.With) and len(node.items) == 1 and source.leads(node):
        body, (item,) = source.block(node.body, node.col_offset), node.items
        indent, manager = " " * node.col_offset, source.of(item.context_expr)
        entered = f"{source.of(item.optional_vars)} = " if item.optional_vars is not None else ""
        before = f"_block = {manager}\n{indent}{entered}_block.__enter__()\n{indent}"
        yield node, node, f"{before}{body}\n{indent}_block.__exit__(None, None, None)"
        if not entered:
            yield node, node, body


def swallowed_exception(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Returns where an exception was raised, catches all that a body raises if that matters, or more than was meant."""
    if isinstance(node, Function):
        raised = [one for one in own(node) if isinstance(one, ast.Raise)]
        for one in raised:
            yield one, one, "return None"
        matters = raised or re.search(r"[Rr]ais|[Ee]xception|Error", source.promised(node))
        for part in source.written(node):
            if matters and source.leads(part[0]):
                indent, body = " " * part[0].col_offset, source.block(part, part[0].col_offset + 4)
                yield part[0], part[-1], f"try:\n{indent}    {body}\n{indent}except Exception:\n{indent}    pass"
    if isinstance(node, ast.ExceptHandler) and node.type is not None:
        yield node.type, node.type, "Exception"


def extra_call(node: ast.AST, source: Source) -> Iterator[Replacement]:
    """Makes a call twice: one whose value nobody takes, or one of a function that was given."""
    if not isinstance(node, Function):
        return
    names = bound(node)
    for one in own(node):
        if isinstance(one, ast.Expr | ast.Assign) and isinstance(one.value, ast.Call) and source.leads(one):
            said = source.of(one)
            if getattr(one.value.func, "attr", "") in IDEMPOTENT:
                continue
            if isinstance(one, ast.Expr) or calls(one.value) in names:
                yield one, one, f"{said}\n{' ' * one.col_offset}{said}"


BEHAVIOURS: dict[str, Operator] = {
    "kept result": kept_result,
    "kept value": kept_value,
    "changed argument": changed_argument,
    "state not restored": state_not_restored,
    "swallowed exception": swallowed_exception,
    "extra call": extra_call,
}


def behaviours(source: Source) -> Iterator[Edit]:
    """Every edit that these operators make."""
    return edits_by(BEHAVIOURS | ELEMENTS, source)
