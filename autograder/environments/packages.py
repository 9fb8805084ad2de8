"""Which packages a released notebook imports that this Python does not have.

Without them every answer would fail, and the student would lose points by what is missing here.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

_MAGIC = re.compile(r"^[ \t]*[%!?].*$", re.MULTILINE)


def missing_packages(release: NotebookNode, folder: Path) -> list[str]:
    """The packages that a release imports and that are not here; modules in ``folder`` come with it."""
    names = dict.fromkeys(name for cell in release.cells if cell.cell_type == "code" for name in _imported(cell.source))
    own = {path.stem for path in folder.iterdir() if path.is_dir() or path.suffix == ".py"}
    return [name for name in names if name not in own and not _is_here(name)]


def _imported(source: str) -> Iterator[str]:
    """The first part of each name that a cell imports at its top level, outside of any condition."""
    try:
        statements = ast.parse(_MAGIC.sub("", source)).body
    except SyntaxError:  # of a cell that is no Python, a shell script say
        return
    for statement in statements:
        if isinstance(statement, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield statement.module.partition(".")[0]


def _is_here(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ValueError:  # it has been imported from nowhere
        return True
