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

from autograder.authoring.outline import CAUGHT_BY, CELL, EDITS, SCRIPT, cells_of, described, docstring, variant_files
from autograder.authoring.pairing import ROOT, build
from autograder.authoring.patch import patched
from autograder.notebook.cells import is_answer

_MARKER = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)
_MARKED = re.compile(r"^ *### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION", re.MULTILINE | re.DOTALL)


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
        description, caught_by = described(path, CELL.split(text, maxsplit=1)[0])
    else:
        description, caught_by = described(path, docstring(path, text))
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


def solution_stretches(source: str) -> list[tuple[int, int]]:
    """Where the code stands that students write: between the solution markers, as character offsets."""
    return [match.span(1) for match in _MARKED.finditer(source)]


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


def _is_only_a_docstring(text: str) -> bool:
    try:
        return len(ast.parse(text).body) == 1
    except SyntaxError:  # a "# %%" line inside a string: the text before it is cut off in the middle
        return False


def _whole(path: Path, text: str) -> Iterator[tuple[str, str]]:
    """The cells of a script: grade_id and source."""
    cells = list(cells_of(path, text))
    if not _is_only_a_docstring(CELL.split(text, maxsplit=1)[0]):
        raise ValueError(f"{path}: code stands before the first '# %%' line, where no cell would take it")
    for name, is_text, source in cells:
        yield name, (re.sub(r"^# ?", "", source, flags=re.MULTILINE) if is_text else source).strip("\n")


def _edited(path: Path, text: str, solved: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The cells that result from editing the reference's: grade_id and source."""
    for name, is_text, patch in cells_of(path, text):
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
