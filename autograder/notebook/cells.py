"""Every question that is asked of a notebook cell: nbgrader's settings, tags, points, and whether it runs.

A cell may come from a file that somebody else wrote, so nothing here relies on the types in its metadata. nbgrader has
four kinds of cells with settings (https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html):

- an *answer* (``solution``): the student writes in it;
- a *tested* cell (``grade`` without ``solution``): its tests decide the points;
- a *written answer* (``grade`` and ``solution``): a person decides the points;
- a *locked* cell: the instructor's text, which no submission changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

FIELDS = ("cell_type", "grade", "grade_id", "locked", "points", "schema_version", "solution", "task")
"""The settings that nbgrader keeps in a cell's metadata."""


def settings(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """nbgrader's settings of a cell; empty where there are none."""
    return _mapping(_mapping(cell.get("metadata")).get("nbgrader"))


def grade_id(cell: Mapping[str, Any]) -> str | None:
    """The name that nbgrader knows a cell by, or None when it has no usable one."""
    name = settings(cell).get("grade_id")
    return name if isinstance(name, str) and name else None


def tags(cell: Mapping[str, Any]) -> list[str]:
    """The tags of a cell that are text."""
    found = _mapping(cell.get("metadata")).get("tags")
    return [tag for tag in found if isinstance(tag, str)] if isinstance(found, list) else []


def points(cell: Mapping[str, Any]) -> float:
    """What a graded cell of the instructor's notebook is worth."""
    return float(settings(cell)["points"])


def runs(cell: Mapping[str, Any]) -> bool:
    """Whether executing the notebook executes this cell."""
    return cell["cell_type"] == "code" and bool(cell["source"].strip())


def is_graded(cell: Mapping[str, Any]) -> bool:
    """Whether a released cell earns points."""
    return bool(settings(cell).get("grade"))


def is_answer(cell: Mapping[str, Any]) -> bool:
    """Whether the student writes in a released cell, in code or in words."""
    return bool(settings(cell).get("solution"))


def is_written_answer(cell: Mapping[str, Any]) -> bool:
    """Whether a person gives the points of a released cell."""
    return is_graded(cell) and is_answer(cell)


def is_tested(cell: Mapping[str, Any]) -> bool:
    """Whether tests give the points of a released cell."""
    return cell["cell_type"] == "code" and is_graded(cell) and not is_answer(cell)


def is_locked(cell: Mapping[str, Any]) -> bool:
    """Whether a released cell is the instructor's alone, by nbgrader's rule."""
    return not is_answer(cell) and (is_graded(cell) or bool(settings(cell).get("locked")))


def cells_with_tests(notebook: NotebookNode) -> dict[str, int]:
    """The cells whose points tests give, by name, with their places in the notebook."""
    return {name: place for place, cell in enumerate(notebook.cells) if is_tested(cell) and (name := grade_id(cell))}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
