"""Where something is in a notebook: the number of a cell in Jupyter, the cell behind a frame, a line, a task."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from nbformat import NotebookNode

from autograder.notebook.cells import runs


def numbers(cells: Sequence[NotebookNode]) -> list[int]:
    """The number of each cell, as Jupyter numbers them when all are run in order; 0 for one that does not run."""
    counted = itertools.accumulate(map(runs, cells))
    return [number if runs(cell) else 0 for cell, number in zip(cells, counted, strict=True)]


def executed(cells: Sequence[NotebookNode], count: int) -> int | None:
    """The place of the cell that ran under this number; None if several did, because the kernel was replaced."""
    found = [place for place, cell in enumerate(cells) if cell.get("execution_count") == count]
    return found[0] if len(found) == 1 else None


def editor_line(source: str, line: int) -> int:
    """The editor's line for a line of a frame: IPython does not count the empty ones before the first with code."""
    return line + source[: len(source) - len(source.lstrip())].count("\n")


def task_at(place: int, graded: Mapping[str, int]) -> str:
    """The task whose grade cell comes next after a place, of those in ``graded`` by their places; empty after all."""
    later = (name for name, at in sorted(graded.items(), key=lambda one: one[1]) if at > place)
    return next(later, "")
