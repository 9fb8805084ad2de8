"""The student's own lines: a few lines of a cell with their numbers, and which of them a failure names."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.notebook.cells import runs
from autograder.text import clean

AROUND = 2
"""How many lines are shown before the line, and after it."""
MAX_LINE = 200


@dataclass(frozen=True)
class Line:
    """A line of a cell. ``named``: whether it is the one that the failure names."""

    number: int
    text: str
    named: bool


@dataclass(frozen=True)
class Excerpt:
    """A few lines of a cell: its number in Jupyter, its place in the notebook, the line, and the function."""

    cell: int
    place: int
    line: int
    function: str
    lines: Sequence[Line]


class Sources:
    """The cells of the notebook that was graded."""

    def __init__(self, cells: Sequence[NotebookNode]) -> None:
        self._cells = cells
        numbers = list(itertools.accumulate(map(runs, cells), initial=0))[1:]
        self._running = {number: place for place, number in enumerate(numbers) if runs(cells[place])}

    def place(self, number: int) -> int | None:
        """The place of a code cell by its number, as Jupyter numbers them when all are run in order."""
        return self._running.get(number)

    def executed(self, count: int) -> int | None:
        """The place of the cell that ran under this number; None if several did, because the kernel was replaced."""
        found = [place for place, cell in enumerate(self._cells) if cell.get("execution_count") == count]
        return found[0] if len(found) == 1 else None

    def excerpt(self, place: int | None, line: int, function: str = "", *, counted: bool = False) -> Excerpt | None:
        """The lines around a line; None if the cell has no such line.

        ``counted``: whether the line was counted by IPython, which leaves out the empty lines before the first other.
        """
        if place is None or line < 1:
            return None
        source = self._cells[place].source
        if counted:
            line += source[: len(source) - len(source.lstrip())].count("\n")
        lines = source.split("\n")
        if line > len(lines):
            return None
        first = max(1, line - AROUND)
        shown = [
            Line(number, clean(text.expandtabs(4), MAX_LINE), number == line)
            for number, text in enumerate(lines[first - 1 : line + AROUND], first)
        ]
        number = next((number for number, at in self._running.items() if at == place), 0)
        return Excerpt(number, place, line, function, shown)
