"""The form of a variant's file: its description, the tests that catch it, its cells.

This is everything that the file says by itself. What its edits make of the reference is in
:mod:`~autograder.authoring.variants`, which builds the reference's notebook first.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CAUGHT_BY = "Caught by:"
TEXT = "[markdown]"
SCRIPT, EDITS = ".py", ".diff"
CELL = re.compile(r"^# %%(.*)$", re.MULTILINE)
_TEST = re.compile(r"test_\w+\.py::test_\w+")


@dataclass(frozen=True)
class Outline:
    """What a variant's file says: its name, what is unusual or wrong, the tests that catch it, its cells' names."""

    name: str
    description: str
    caught_by: tuple[str, ...]
    cells: tuple[str, ...]


def outline(path: Path) -> Outline:
    """Read a variant's file without the reference.

    Raises
    ------
    ValueError
        when the file is not a valid variant; the message is one line that names the file.
    """
    text = path.read_text(encoding="utf-8")
    about = CELL.split(text, maxsplit=1)[0] if path.suffix == EDITS else docstring(path, text)
    return Outline(path.stem, *described(path, about), tuple(name for name, _, _ in cells_of(path, text)))


def variant_files(folder: Path) -> list[Path]:
    """The variant files of a folder, sorted by name."""
    files = (path for path in folder.glob("*") if path.suffix in (SCRIPT, EDITS) and path.name != "__init__.py")
    return sorted(files, key=lambda path: path.stem)


def docstring(path: Path, text: str) -> str:
    """The docstring of a variant that is a script."""
    try:
        return ast.get_docstring(ast.parse(text)) or ""
    except SyntaxError as error:
        raise ValueError(f"{path}: line {error.lineno} is not Python: {error.msg}") from None


def described(path: Path, text: str) -> tuple[str, tuple[str, ...]]:
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


def cells_of(path: Path, text: str) -> Iterator[tuple[str, bool, str]]:
    """Each cell of the file: its grade_id, whether it is a written answer, and its lines."""
    _, *parts = CELL.split(text)
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
