"""Checks that a sprint is complete and consistent, as far as possible without grading."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.audit.findings import Finding
from autograder.audit.promises import ledger
from autograder.authoring.outline import variant_files
from autograder.authoring.pairing import build, is_in_sync, notebook_path, script_path
from autograder.authoring.variants import Variant, parse, reference
from autograder.course.sprint import Sprint
from autograder.notebook.cells import cells_with_tests, points


@dataclass(frozen=True)
class HiddenTest:
    """A hidden test as declared in its file: name in results, points, tested property, and whether it has a hint."""

    name: str
    points: float
    title: str
    has_hint: bool


def hidden_tests(file: Path) -> list[HiddenTest]:
    """The hidden tests of one file.

    Raises
    ------
    SyntaxError
        when the file is not valid Python.
    """
    found = []
    for node in ast.parse(file.read_text(encoding="utf-8"), str(file)).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            doc = ast.get_docstring(node) or ""
            points = sum(_points(decorator) for decorator in node.decorator_list)
            title = doc.partition("\n")[0]
            found.append(HiddenTest(f"{file.name}::{node.name}", points, title, "\nHint:" in doc))
    return found


def examine(sprint: Sprint, root: Path) -> list[Finding]:
    """Everything that is wrong with a sprint's files. Without its script, only that is reported."""
    script = script_path(sprint.slug, root)
    try:
        notebook = build(sprint.slug, root)
    except FileNotFoundError:
        return [Finding(str(script), "is missing: it is the one text the notebooks are made of")]
    except Exception as error:  # jupytext and nbformat raise exceptions of many types
        return [Finding(str(script), f"is no paired notebook: {type(error).__name__}: {error}")]
    return [
        *_of_notebook(sprint, notebook, root),
        *_of_variants(sprint, root),
        *ledger(sprint.slug, root, all_tests(sprint)).findings,
    ]


def _of_notebook(sprint: Sprint, notebook: NotebookNode, root: Path) -> Iterator[Finding]:
    if not is_in_sync(sprint.slug, root):
        where = str(notebook_path(sprint.slug, root))
        yield Finding(where, f"is not what {sprint.slug}.py makes: run 'autograder release {sprint.slug}'")
    worth = {name: points(notebook.cells[place]) for name, place in cells_with_tests(notebook).items()}
    for cell, cell_points in worth.items():
        yield from _of_cell(sprint, cell, cell_points)
    for file in sorted(sprint.graders.glob("test_*.py")):
        if file.stem.removeprefix("test_") not in worth:
            yield Finding(str(file), "the notebook has no such grade cell")


def _of_cell(sprint: Sprint, cell: str, points: float) -> Iterator[Finding]:
    file = sprint.grader_of(cell)
    if not file.is_file():
        yield Finding(str(file), f"is missing: the grade cell '{cell}' has no hidden tests")
        return
    try:
        tests = hidden_tests(file)
    except SyntaxError as error:
        yield Finding(str(file), f"line {error.lineno} is not Python: {error.msg}")
        return
    total = sum(test.points for test in tests)
    if abs(total - points) > 1e-9:
        yield Finding(str(file), f"the points add up to {total:g}, the cell '{cell}' has {points:g}")
    for test in tests:
        if test.points <= 0:
            yield Finding(test.name, "needs @pytest.mark.points(n), n > 0")
        if not test.title:
            yield Finding(test.name, "needs a docstring: its first line is the property that students read")
    if not any(test.has_hint for test in tests):
        yield Finding(str(file), "no test has a 'Hint:' paragraph")


def _of_variants(sprint: Sprint, root: Path) -> Iterator[Finding]:
    folder, solved = root / "reference" / sprint.slug, reference(sprint.slug, root).cells
    right, wrong = (_parsed(folder / kind, solved) for kind in ("wheats", "chaffs"))
    yield from (found for found in (*right.values(), *wrong.values()) if isinstance(found, Finding))
    if not right:
        yield Finding(str(folder / "wheats"), "there is no other right solution: what do the tests refuse wrongly?")
    if not wrong:
        yield Finding(str(folder / "chaffs"), "there is no wrong solution: what do the tests catch?")
    known = all_tests(sprint)
    for path, variant in wrong.items():
        if isinstance(variant, Finding):
            continue
        if not variant.caught_by:
            yield Finding(str(path), "names no test: a wrong solution says under 'Caught by:' which tests fail on it")
        for test in variant.caught_by:
            if test not in known:
                yield Finding(str(path), f"names {test}, which does not exist")


def all_tests(sprint: Sprint) -> set[str]:
    """The names of a sprint's hidden tests; files that are not valid Python are skipped."""
    names: set[str] = set()
    for file in sprint.graders.glob("test_*.py"):
        try:
            names |= {test.name for test in hidden_tests(file)}
        except SyntaxError:
            continue
    return names


def _parsed(folder: Path, solved: Mapping[str, str]) -> dict[Path, Variant | Finding]:
    found: dict[Path, Variant | Finding] = {}
    for path in variant_files(folder):
        try:
            found[path] = parse(path, solved)
        except ValueError as error:
            where, _, what = str(error).partition(": ")
            found[path] = Finding(where, what)
    return found


def _points(decorator: ast.expr) -> float:
    if (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr == "points"
        and decorator.args
        and isinstance(decorator.args[0], ast.Constant)
        and isinstance(decorator.args[0].value, int | float)
    ):
        return float(decorator.args[0].value)
    return 0.0
