"""What is graded of a submission: the released notebook with its answers, and a text that says what was put right."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from autograder.notebook.match import answers_astray
from autograder.notebook.rebuild import rebuild


@dataclass(frozen=True)
class Prepared:
    """A submission that is ready to be executed.

    Attributes
    ----------
    notebook
        the rebuilt notebook; if anything was put right, its first cell tells the student
    changes
        what was put right, a line each
    astray
        what a person should look at: answers whose cell is gone, or is there several times
    """

    notebook: NotebookNode
    changes: tuple[str, ...]
    astray: tuple[str, ...]


def prepare(submission: NotebookNode, base: NotebookNode) -> Prepared:
    """Rebuild a submission on the released notebook `base`; neither is modified."""
    rebuilt, changes = rebuild(submission, base)
    if changes:
        rebuilt.cells.insert(0, _notes(changes))
    return Prepared(rebuilt, tuple(changes), tuple(answers_astray(submission.cells, base.cells)))


def _notes(changes: list[str]) -> NotebookNode:
    """A text cell that tells the student what was corrected; it quotes nothing they wrote."""
    lines = "\n".join(f"- {escape(change, quote=False)}" for change in changes)
    return new_markdown_cell(f"**Put right before grading:**\n\n{lines}", id="put-right-before-grading")
