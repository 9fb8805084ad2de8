"""Trivial solutions: each task solved by functions that do no work. None may earn a point.

Signatures, docstrings and code that was given stay. The bodies return a constant, the first argument, or zeros like it.
All functions of a task return the same, and the other tasks are the reference's. So a test of this task that passes
can be passed without solving anything.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.audit.findings import Finding
from autograder.audit.functions import Function
from autograder.audit.operators import Source
from autograder.authoring.variants import Variant, solution_stretches, without_markers
from autograder.grading.outcome import Outcome
from autograder.grading.results import Results
from autograder.notebook.cells import cells_with_tests, grade_id
from autograder.notebook.places import task_at

CONSTANTS = ("0", "0.0", 'float("nan")', "None", '""', "[]", "()", "{}", "True", "False")
RECEIVERS = frozenset(["self", "cls", "ctx"])
"""First parameters that are no data; the one after them counts as the first."""


def _first(function: Function) -> str:
    """The function's first argument, `None` if it takes none."""
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args)]
    data = [name for name in names if name not in RECEIVERS]
    rest = [one.arg for one in (given.vararg, *given.kwonlyargs, given.kwarg) if one is not None]
    return next(iter([*data, *rest, *names]), "None")


def _always(text: str) -> Callable[[Function], str]:
    return lambda function: text


FAMILY: dict[str, Callable[[Function], str]] = {
    **{f"returns {text}": _always(text) for text in CONSTANTS},
    "returns its first argument": _first,
    "returns zeros like its first argument": lambda function: f'__import__("numpy").zeros_like({_first(function)})',
    "returns its first argument times 0": lambda function: f"{_first(function)} * 0",
}
"""What the functions of a trivial solution do, and the expression that each returns."""


@dataclass(frozen=True)
class Trivial:
    """A trivial solution of one task, to be filled in over the reference."""

    solution: Variant
    task: str


def trivial_solutions(released: NotebookNode, cells: Mapping[str, str]) -> Iterator[Trivial]:
    """The trivial solutions of each task. ``cells``: the solution cells by grade_id, including the solution markers."""
    graded = cells_with_tests(released)
    tasks: dict[str, dict[str, str]] = {}
    for place, cell in enumerate(released.cells):
        name, task = grade_id(cell) or "", task_at(place, graded)
        if name in cells and task:
            tasks.setdefault(task, {})[name] = cells[name]
    for task, sources in tasks.items():
        seen = [sources]
        for kind, expression in FAMILY.items():
            idle = {name: without_work(source, expression) for name, source in sources.items()}
            if idle not in seen:
                seen.append(idle)
                plain = {name: without_markers(source).rstrip("\n") for name, source in idle.items()}
                yield Trivial(Variant(f"{task} {kind}", "", (), plain), task)


def without_work(text: str, expression: Callable[[Function], str]) -> str:
    """A solution cell in which each function that a student writes returns ``expression`` of it at once."""
    source, marked = Source(text), solution_stretches(text)
    for start, end, function in sorted(_bodies(source, source.tree.body, marked), key=lambda body: -body[0]):
        text = f"{text[:start]}{_idle(function, expression(function))}{text[end:]}"
    return text


def _idle(function: Function, value: str) -> str:
    """The statement that a function without work consists of. Where Python takes no other value, it is None."""
    if any("contextmanager" in ast.unparse(decorator) for decorator in function.decorator_list):
        return f"yield {value}"
    return "return None" if function.name == "__init__" else f"return {value}"


def _bodies(
    source: Source, statements: list[ast.stmt], marked: list[tuple[int, int]]
) -> Iterator[tuple[int, int, Function]]:
    """The part of each function that a student writes, up to the function's end."""
    for statement in statements:
        if isinstance(statement, ast.ClassDef):
            yield from _bodies(source, statement.body, marked)
        if not isinstance(statement, Function):
            continue
        start, end = source.start(statement), source.end(statement)
        own = [place for place, _ in marked if start < place < end]
        whole = any(place <= start and end <= last for place, last in marked)
        if not own and not whole:
            continue
        body = statement.body[1:] if ast.get_docstring(statement) is not None else statement.body
        left = [one for one in body if whole or source.end(one) > own[0]]
        if not left:
            continue
        if not whole and isinstance(left[0], Function | ast.ClassDef) and _begin(source, left[0]) < own[0]:
            yield from _bodies(source, left[:1], marked)  # what the student writes is inside a given function
        else:
            yield _begin(source, left[0]), end, statement


def _begin(source: Source, statement: ast.stmt) -> int:
    """Where a statement begins, with its decorators."""
    first = next(iter(getattr(statement, "decorator_list", ())), None)
    return source.start(statement) if first is None else source.start(first) - 1


def of_trivial(trivial: Trivial, results: Results) -> Iterator[Finding]:
    """The tests of its task that a trivial solution passes."""
    for test in (test for cell in results.cells if cell.id == trivial.task for test in cell.tests if test.max_points):
        if test.outcome is Outcome.PASSED:
            what = f"{test.name} passes, and {test.max_points:g} points are earned without work"
            yield Finding(trivial.solution.name, what)
