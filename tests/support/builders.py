"""Small notebooks for the tests, cell by cell."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def nbgrader(name: str, **fields: Any) -> dict[str, Any]:
    """nbgrader's metadata for a cell."""
    settings = {"grade": False, "grade_id": name, "locked": False, "solution": False, "task": False}
    return {"nbgrader": {**settings, "schema_version": 3, **fields}}


def text(source: str, name: str = "text", **metadata: Any) -> NotebookNode:
    """A markdown cell."""
    return new_markdown_cell(source, id=name, metadata=metadata)


def code(source: str, name: str = "code", **metadata: Any) -> NotebookNode:
    """A code cell nobody grades."""
    return new_code_cell(source, id=name, metadata=metadata)


def locked(name: str, source: str) -> NotebookNode:
    """The instructor's own code."""
    return new_code_cell(source, id=f"id-{name}", metadata=nbgrader(name, locked=True))


def solution(name: str, source: str = "raise NotImplementedError()") -> NotebookNode:
    """A cell for an answer."""
    return new_code_cell(source, id=f"id-{name}", metadata=nbgrader(name, solution=True))


def graded(name: str, points: float, source: str = "assert True") -> NotebookNode:
    """A grade cell, with public checks in it."""
    settings = nbgrader(name, grade=True, locked=True, points=points, cell_type="code")
    return new_code_cell(source, id=f"id-{name}", metadata=settings)


def notebook(*cells: NotebookNode, **metadata: Any) -> NotebookNode:
    """A notebook of nbformat 4.5 on the kernel python3."""
    return new_notebook(cells=list(cells), metadata={**KERNEL, **metadata})


def released() -> NotebookNode:
    """Two tasks, with a locked import, a plain text and a plain demonstration around them."""
    return notebook(
        text("# Two tasks", "title"),
        locked("imports", "import math"),
        solution("solve_double"),
        graded("double", 2, "assert double(2) == 4"),
        code("print('a demonstration')", "demo"),
        solution("solve_half"),
        graded("half", 1, "assert half(2) == 1"),
    )


KEPT = ("all", "no ids", "no ids, no metadata")
"""What a tool that saves a notebook may keep of it, for :func:`saved_by_a_tool`."""


def saved_by_a_tool(nb: NotebookNode, kept: str, place: int) -> NotebookNode:
    """The notebook without its ids, or without the metadata of the cell at ``place`` either: one of :data:`KEPT`."""
    if kept != "all":
        for cell in nb.cells:
            del cell["id"]
    if kept == "no ids, no metadata":
        del nb.cells[place]["metadata"]
    return nb
