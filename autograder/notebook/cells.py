"""What can be asked about a notebook cell: nbgrader's settings, tags, points, and whether it runs.

A cell may come from an untrusted file, so this module does not rely on the types in its metadata. nbgrader has five
kinds of cells with settings (https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html):

- an *answer* (``solution``): the student writes in it;
- a *tested* cell (``grade`` without ``solution``): its tests decide the points;
- a *written answer* (``grade`` and ``solution``): a person decides the points;
- a *manually graded task* (``task``): a person decides the points of what the student did in cells of their own;
- a *locked* cell: the instructor's text, which a submission cannot change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

FIELDS = ("cell_type", "grade", "grade_id", "locked", "points", "schema_version", "solution", "task")
"""The settings that nbgrader stores in a cell's metadata."""


def settings(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """A cell's nbgrader settings, empty if it has none."""
    return _mapping(_mapping(cell.get("metadata")).get("nbgrader"))


def grade_id(cell: Mapping[str, Any]) -> str | None:
    """The name by which nbgrader knows a cell, or None if it has no usable name."""
    name = settings(cell).get("grade_id")
    return name if isinstance(name, str) and name else None


def tags(cell: Mapping[str, Any]) -> list[str]:
    """A cell's tags; those that are not text are left out."""
    found = _mapping(cell.get("metadata")).get("tags")
    return [tag for tag in found if isinstance(tag, str)] if isinstance(found, list) else []


def points(cell: Mapping[str, Any]) -> float:
    """How many points a graded cell of the instructor's notebook is worth."""
    return float(settings(cell)["points"])


def runs(cell: Mapping[str, Any]) -> bool:
    """Whether executing the notebook executes this cell."""
    return cell["cell_type"] == "code" and bool(cell["source"].strip())


def is_graded(cell: Mapping[str, Any]) -> bool:
    """Whether a released cell earns points."""
    return bool(settings(cell).get("grade"))


def is_answer(cell: Mapping[str, Any]) -> bool:
    """Whether the student writes in a released cell, either code or text."""
    return bool(settings(cell).get("solution"))


def is_written_answer(cell: Mapping[str, Any]) -> bool:
    """Whether a person decides the points of a released cell."""
    return is_graded(cell) and is_answer(cell)


def is_task(cell: Mapping[str, Any]) -> bool:
    """Whether a person decides the points of what the student did elsewhere for this released cell."""
    return bool(settings(cell).get("task"))


def is_tested(cell: Mapping[str, Any]) -> bool:
    """Whether tests decide the points of a released cell."""
    return cell["cell_type"] == "code" and is_graded(cell) and not is_answer(cell)


def is_locked(cell: Mapping[str, Any]) -> bool:
    """Whether only the instructor may edit a released cell, by nbgrader's rule."""
    return not is_answer(cell) and (is_graded(cell) or is_task(cell) or bool(settings(cell).get("locked")))


def cells_with_tests(notebook: NotebookNode) -> dict[str, int]:
    """The tested cells: their names, each with its index in the notebook."""
    return {name: place for place, cell in enumerate(notebook.cells) if is_tested(cell) and (name := grade_id(cell))}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
