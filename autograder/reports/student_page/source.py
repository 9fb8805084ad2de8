"""The student's own lines: a few lines of a cell with their numbers, and which of them a failure names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.notebook.cells import grade_id
from autograder.notebook.places import editor_line, executed, numbers
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
        self._numbers = numbers(cells)
        self.names = [(grade_id(cell) or "", str(cell.get("id", ""))) for cell in cells]
        """The name in nbgrader and the id of each cell, by which it is found in another copy of the notebook."""

    def place(self, number: int) -> int | None:
        """The place of a code cell by its number, as Jupyter numbers them when all are run in order."""
        return self._numbers.index(number) if number > 0 and number in self._numbers else None

    def executed(self, count: int) -> int | None:
        """The place of the cell that ran under this number; None if several did, because the kernel was replaced."""
        return executed(self._cells, count)

    def excerpt(self, place: int | None, line: int, function: str = "", *, counted: bool = False) -> Excerpt | None:
        """The lines around a line; None if the cell has no such line.

        ``counted``: whether the line was counted by IPython, which leaves out the empty lines before the first other.
        """
        if place is None or line < 1:
            return None
        source = self._cells[place].source
        line = editor_line(source, line) if counted else line
        lines = source.split("\n")
        if line > len(lines):
            return None
        first = max(1, line - AROUND)
        shown = [
            Line(number, clean(text.expandtabs(4), MAX_LINE), number == line)
            for number, text in enumerate(lines[first - 1 : line + AROUND], first)
        ]
        return Excerpt(self._numbers[place], place, line, function, shown)
