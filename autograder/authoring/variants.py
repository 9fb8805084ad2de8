"""Variants: whole solutions that prove the graders, other right ones (wheats) and wrong ones (chaffs).

A variant is a percent script. Its docstring says what is unusual or wrong. A chaff's docstring also names, under
``Caught by:``, every hidden test that fails on it. Each cell ``# %% solve_backward`` replaces the solution cell of that
grade_id. Cells that a variant does not name come from the reference. A written answer is a cell
``# %% [markdown] which_way``, with its text in comments.
"""

from __future__ import annotations

import ast
import re
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.authoring.pairing import ROOT, build
from autograder.notebook.cells import is_answer

CAUGHT_BY = "Caught by:"
TEXT = "[markdown]"
_CELL = re.compile(r"^# %%(.*)$", re.MULTILINE)
_TEST = re.compile(r"test_\w+\.py::test_\w+")
_MARKER = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)


@dataclass(frozen=True)
class Variant:
    """A solution, as the sources of solution cells.

    Attributes
    ----------
    name
        the file's name without its ending
    description
        what is unusual about it, or wrong with it
    caught_by
        the hidden tests that fail on it, none for a right one
    cells
        grade_id of a solution cell → its source
    """

    name: str
    description: str
    caught_by: tuple[str, ...]
    cells: dict[str, str]


def parse(path: Path) -> Variant:
    """Read a variant file.

    Raises
    ------
    ValueError
        in one line that names the file, when it is not a variant.
    """
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise ValueError(f"{path}: line {error.lineno} is not Python: {error.msg}") from None
    description, caught_by = _docstring(path, ast.get_docstring(tree))
    return Variant(path.stem, description, caught_by, _cells(path, text))


def reference(slug: str, root: Path = ROOT) -> Variant:
    """The sprint's own solution: every solution cell of its one text, without the solution markers."""
    answers = {
        cell.metadata["nbgrader"]["grade_id"]: cell.source for cell in build(slug, root).cells if is_answer(cell)
    }
    cells = {name: without_markers(source).rstrip("\n") for name, source in answers.items()}
    return Variant("reference", "The reference solution.", (), cells)


def solution_cells(slug: str, root: Path = ROOT) -> dict[str, str]:
    """The code of the sprint's one text that is a solution, by grade_id, solution markers included."""
    cells = [cell for cell in build(slug, root).cells if cell.cell_type == "code" and is_answer(cell)]
    return {cell.metadata["nbgrader"]["grade_id"]: cell.source for cell in cells}


def without_markers(source: str) -> str:
    """A solution cell without nbgrader's markers."""
    return _MARKER.sub("", source)


def wheats(slug: str, root: Path = ROOT) -> list[Variant]:
    """The sprint's other right solutions, by name."""
    return _folder(root / "reference" / slug / "wheats")


def chaffs(slug: str, root: Path = ROOT) -> list[Variant]:
    """The sprint's wrong solutions, by name.

    Raises
    ------
    ValueError
        when one of them names no test that catches it.
    """
    folder = root / "reference" / slug / "chaffs"
    found = _folder(folder)
    for variant in found:
        if not variant.caught_by:
            raise ValueError(f"{folder / variant.name}.py: a wrong solution must say '{CAUGHT_BY}' and name the tests")
    return found


def fill(notebook: NotebookNode, *solutions: Variant) -> NotebookNode:
    """A copy of a released notebook, its solution cells filled in as a student would; later solutions win.

    Raises
    ------
    ValueError
        when a solution has a cell that the notebook does not ask for.
    """
    filled = deepcopy(notebook)
    asked = {cell.metadata["nbgrader"]["grade_id"]: cell for cell in filled.cells if is_answer(cell)}
    for solution in solutions:
        for name, source in solution.cells.items():
            if name not in asked:
                raise ValueError(f"{solution.name}: the notebook has no solution cell '{name}'")
            asked[name].source = source
    return filled


def _folder(folder: Path) -> list[Variant]:
    return [parse(path) for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"]


def _docstring(path: Path, docstring: str | None) -> tuple[str, tuple[str, ...]]:
    if not docstring:
        raise ValueError(f"{path}: a variant begins with a docstring that says what it is")
    description, colon, block = docstring.partition(CAUGHT_BY)
    if not description.strip():
        raise ValueError(f"{path}: the docstring says nothing before '{CAUGHT_BY}'")
    names = tuple(line.strip() for line in block.splitlines() if line.strip())
    if colon and not names:
        raise ValueError(f"{path}: '{CAUGHT_BY}' names no test")
    for name in names:
        if not _TEST.fullmatch(name):
            raise ValueError(f"{path}: '{name}' is not of the form test_cell.py::test_name")
        if names.count(name) > 1:
            raise ValueError(f"{path}: {name} is named twice")
    return " ".join(description.split()), names


def _is_only_a_docstring(text: str) -> bool:
    try:
        return len(ast.parse(text).body) == 1
    except SyntaxError:  # a cell's line inside a string: the text before it ends in the middle
        return False


def _cells(path: Path, text: str) -> dict[str, str]:
    preamble, *parts = _CELL.split(text)
    if not parts:
        raise ValueError(f"{path}: there is no cell; one begins with a line '# %% solve_something'")
    if not _is_only_a_docstring(preamble):
        raise ValueError(f"{path}: code stands before the first '# %%' line, where no cell would take it")
    cells: dict[str, str] = {}
    for title, source in zip(parts[::2], parts[1::2], strict=True):
        name, source = _written(title.strip(), source)
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise ValueError(f"{path}: '# %%{title}' must be followed by the grade_id of a solution cell")
        if name in cells:
            raise ValueError(f"{path}: the cell '{name}' is there twice")
        if not source.strip():
            raise ValueError(f"{path}: the cell '{name}' is empty")
        cells[name] = source.strip("\n")
    return cells


def _written(title: str, source: str) -> tuple[str, str]:
    """A cell's name, and of a written answer the text that stands in the comments."""
    if not title.startswith(TEXT):
        return title, source
    return title.removeprefix(TEXT).strip(), re.sub(r"^# ?", "", source, flags=re.MULTILINE)
