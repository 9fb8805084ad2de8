"""The release says when it is due and what lateness costs, below the title of its first text cell."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.bridge.language import KeepLanguage
from autograder.bridge.late import LatePolicy
from autograder.bridge.late_words import moment, say
from autograder.notebook.cells import is_answer, is_graded, is_task
from autograder.notebook.due_line import due_line, with_due_line

CELL = "due-date"
"""The id of the cell that is added to a notebook that does not begin with a text of the instructor's."""


class SayDue(NbGraderPreprocessor):
    """Writes the line into the release if the gradebook has a due date. No graded cell changes."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Put the line below the title."""
        names = resources["nbgrader"]
        due = None if self._without_gradebook() else _due(names["db_url"], names["assignment"])
        if due is not None:
            add_line(nb, line_of(self, due))
        return nb, resources

    def _without_gradebook(self) -> bool:
        """Whether the command was told to use no gradebook; opening one would make it."""
        converter = getattr(self.parent, "parent", None)
        return bool(getattr(converter, "no_database", False))


def line_of(part: Any, due: datetime) -> str:
    """The line in the course's words; ``part``: any part of nbgrader, for its configuration."""
    language = str(KeepLanguage(parent=part).language)
    zone = str(part.config.Exchange.get("timezone", "UTC"))
    return say("release", language, due=moment(due, zone), rule=LatePolicy(parent=part).rule(language))


def add_line(nb: NotebookNode, line: str) -> None:
    """Put the line into the first cell, if that is a text of the instructor's, or into a cell before it."""
    first = nb.cells[0] if nb.cells else None
    if first is None or first.cell_type != "markdown" or is_answer(first) or is_graded(first) or is_task(first):
        first = new_markdown_cell("", id=CELL)
        if (nb.nbformat, nb.nbformat_minor) < (4, 5):
            del first["id"]
        nb.cells.insert(0, first)
    first.source = with_due_line(first.source, line)


def released_line(release: Path) -> str | None:
    """The line that a release has, empty if it has none; None if there is no release that can be read."""
    try:
        nb = nbformat.read(release, as_version=nbformat.NO_CONVERT)
        return next((line for cell in nb.cells if (line := due_line(cell.source))), "")
    except (OSError, ValueError, AttributeError, nbformat.ValidationError):
        return None


def _due(db_url: str, assignment: str) -> datetime | None:
    with Gradebook(db_url) as gradebook:
        try:
            due: datetime | None = gradebook.find_assignment(assignment).duedate
        except MissingEntry:
            return None
        return due
