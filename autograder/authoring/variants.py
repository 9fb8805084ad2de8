"""Variants: complete solutions that test the graders. Wheats are right solutions, chaffs are wrong ones.

A variant has a description, which says what is unusual or wrong, and cells. A chaff's description also lists, under
``Caught by:``, every hidden test that fails on it. A cell ``# %% solve_backward`` replaces the solution cell with that
grade_id; ``# %% [markdown] which_way`` replaces a written answer. All other cells come from the reference.

There are two formats. ``NAME.py`` is a percent script: its docstring is the description, and its cells are whole cells;
a written answer is in comments. ``NAME.diff`` contains edits of the reference's cells, in the notation of
:mod:`autograder.authoring.patch`; the text before its first cell is the description.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.authoring.pairing import ROOT, build
from autograder.authoring.patch import patched
from autograder.notebook.cells import is_answer

CAUGHT_BY = "Caught by:"
TEXT = "[markdown]"
SCRIPT, EDITS = ".py", ".diff"
_CELL = re.compile(r"^# %%(.*)$", re.MULTILINE)
_TEST = re.compile(r"test_\w+\.py::test_\w+")
_MARKER = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)


@dataclass(frozen=True)
class Variant:
    """A solution, as the sources of solution cells.

    Attributes
    ----------
    name
        the file's name without its extension
    description
        what is unusual or wrong about it
    caught_by
        the hidden tests that fail on it; empty for a right solution
    cells
        grade_id of a solution cell → its source
    """

    name: str
    description: str
    caught_by: tuple[str, ...]
    cells: dict[str, str]


def parse(path: Path, solved: Mapping[str, str]) -> Variant:
    """Read a variant file; ``solved`` has the reference's solution cells by grade_id, to which edits apply.

    Raises
    ------
    ValueError
        when the file is not a valid variant; the message is one line that names the file.
    """
    text = path.read_text(encoding="utf-8")
    for other in (path.with_suffix(ending) for ending in (SCRIPT, EDITS) if ending != path.suffix):
        if other.exists():
            raise ValueError(f"{path}: there is {other.name} too, and a name is one variant's: rename one of them")
    if path.suffix == EDITS:
        cells = dict(_edited(path, text, solved))
        description, caught_by = _described(path, _CELL.split(text, maxsplit=1)[0])
    else:
        description, caught_by = _described(path, _docstring(path, text))
        cells = dict(_whole(path, text))
    return Variant(path.stem, description, caught_by, cells)


def reference(slug: str, root: Path = ROOT) -> Variant:
    """The sprint's own solution: every solution cell of its script, without the solution markers."""
    answers = {
        cell.metadata["nbgrader"]["grade_id"]: cell.source for cell in build(slug, root).cells if is_answer(cell)
    }
    cells = {name: without_markers(source).rstrip("\n") for name, source in answers.items()}
    return Variant("reference", "The reference solution.", (), cells)


def solution_cells(slug: str, root: Path = ROOT) -> dict[str, str]:
    """The solution cells with code in the sprint's script, by grade_id, including the solution markers."""
    cells = [cell for cell in build(slug, root).cells if cell.cell_type == "code" and is_answer(cell)]
    return {cell.metadata["nbgrader"]["grade_id"]: cell.source for cell in cells}


def without_markers(source: str) -> str:
    """A solution cell without nbgrader's markers."""
    return _MARKER.sub("", source)


def wheats(slug: str, root: Path = ROOT) -> list[Variant]:
    """The sprint's other right solutions, by name."""
    solved = reference(slug, root).cells
    return [parse(path, solved) for path in variant_files(root / "reference" / slug / "wheats")]


def chaffs(slug: str, root: Path = ROOT) -> list[Variant]:
    """The sprint's wrong solutions, by name.

    Raises
    ------
    ValueError
        when one of them names no test that catches it.
    """
    solved, found = reference(slug, root).cells, []
    for path in variant_files(root / "reference" / slug / "chaffs"):
        found.append(parse(path, solved))
        if not found[-1].caught_by:
            raise ValueError(f"{path}: a wrong solution must say '{CAUGHT_BY}' and name the tests")
    return found


def find_variant(slug: str, name: str, root: Path = ROOT) -> Variant:
    """One of the sprint's variants, such as ``chaffs/broadcast_missing`` or ``demo/endless_loop``.

    Raises
    ------
    ValueError
        when there is no variant of this name.
    """
    place = root / "reference" / slug / name
    for path in variant_files(place.parent):
        if path.stem == place.name:
            return parse(path, reference(slug, root).cells)
    raise ValueError(f"{place.parent}: there is neither {place.name}{SCRIPT} nor {place.name}{EDITS}")


def variant_files(folder: Path) -> list[Path]:
    """The variant files of a folder, sorted by name."""
    files = (path for path in folder.glob("*") if path.suffix in (SCRIPT, EDITS) and path.name != "__init__.py")
    return sorted(files, key=lambda path: path.stem)


def fill(notebook: NotebookNode, *solutions: Variant) -> NotebookNode:
    """A copy of a released notebook with its solution cells filled in as a student would; later solutions win.

    Raises
    ------
    ValueError
        when a solution has a cell that is not a solution cell of the notebook.
    """
    filled = deepcopy(notebook)
    asked = {cell.metadata["nbgrader"]["grade_id"]: cell for cell in filled.cells if is_answer(cell)}
    for solution in solutions:
        for name, source in solution.cells.items():
            if name not in asked:
                raise ValueError(f"{solution.name}: the notebook has no solution cell '{name}'")
            asked[name].source = source
    return filled


def _docstring(path: Path, text: str) -> str:
    try:
        return ast.get_docstring(ast.parse(text)) or ""
    except SyntaxError as error:
        raise ValueError(f"{path}: line {error.lineno} is not Python: {error.msg}") from None


def _described(path: Path, text: str) -> tuple[str, tuple[str, ...]]:
    """The description on one line, and the tests named below it."""
    if not text.strip():
        where = "the text before the first cell" if path.suffix == EDITS else "the docstring"
        raise ValueError(f"{path}: a variant begins with a description, {where}: say what is unusual or wrong")
    description, colon, block = text.partition(CAUGHT_BY)
    if not description.strip():
        raise ValueError(f"{path}: the description says nothing before '{CAUGHT_BY}'")
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
    except SyntaxError:  # a "# %%" line inside a string: the text before it is cut off in the middle
        return False


def _whole(path: Path, text: str) -> Iterator[tuple[str, str]]:
    """The cells of a script: grade_id and source."""
    cells = list(_cells(path, text))
    if not _is_only_a_docstring(_CELL.split(text, maxsplit=1)[0]):
        raise ValueError(f"{path}: code stands before the first '# %%' line, where no cell would take it")
    for name, is_text, source in cells:
        yield name, (re.sub(r"^# ?", "", source, flags=re.MULTILINE) if is_text else source).strip("\n")


def _edited(path: Path, text: str, solved: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The cells that result from editing the reference's: grade_id and source."""
    for name, is_text, patch in _cells(path, text):
        if name not in solved:
            raise ValueError(f"{path}: the reference has no solution cell '{name}': it has {', '.join(solved)}")
        try:
            source = patched(solved[name], patch)
            if not is_text:
                ast.parse(source)
        except SyntaxError as error:
            what = f"line {error.lineno} of the edited cell is not Python: {error.msg}: see that the edit is whole"
            raise ValueError(f"{path}: the cell '{name}': {what}") from None
        except ValueError as error:
            raise ValueError(f"{path}: the cell '{name}': {error}") from None
        yield name, source


def _cells(path: Path, text: str) -> Iterator[tuple[str, bool, str]]:
    """Each cell of the file: its grade_id, whether it is a written answer, and its lines."""
    _, *parts = _CELL.split(text)
    if not parts:
        raise ValueError(f"{path}: there is no cell; one begins with a line '# %% solve_something'")
    seen = set()
    for title, lines in zip(parts[::2], parts[1::2], strict=True):
        name = title.strip().removeprefix(TEXT).strip()
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise ValueError(f"{path}: '# %%{title}' must be followed by the grade_id of a solution cell")
        if name in seen:
            raise ValueError(f"{path}: the cell '{name}' is there twice")
        if not lines.strip():
            raise ValueError(f"{path}: the cell '{name}' is empty")
        seen.add(name)
        yield name, title.strip().startswith(TEXT), lines
