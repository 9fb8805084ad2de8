"""nbgrader's sanitizing step, done by rebuilding the submission on the released notebook."""

from __future__ import annotations

from html import escape
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.bridge.hidden import HiddenGraders
from autograder.notebook.match import answers_astray
from autograder.notebook.read import read_release
from autograder.notebook.rebuild import rebuild

ASTRAY = "answers_astray"


class RebuildSubmission(NbGraderPreprocessor):
    """Puts the student's answers into the released notebook if the assignment has hidden graders."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Rebuild the notebook, and say in plain words what was corrected.

        What a person should look at is in the resources, under :data:`ASTRAY`.
        """
        sprint = HiddenGraders.of(self).sprint_of(resources)
        if sprint is None:
            return nb, resources
        base = read_release(sprint.release)
        rebuilt, changes = rebuild(nb, base)
        resources[ASTRAY] = answers_astray(nb.cells, base.cells)
        for change in changes:
            self.log.warning("%s of %s: %s", sprint.slug, resources["nbgrader"]["student"], change)
        if changes:
            rebuilt.cells.insert(0, _notes(changes))
        return rebuilt, resources


def _notes(changes: list[str]) -> NotebookNode:
    """A text cell that tells the student what was corrected; it quotes nothing they wrote."""
    lines = "\n".join(f"- {escape(change, quote=False)}" for change in changes)
    return new_markdown_cell(f"**Put right before grading:**\n\n{lines}", id="put-right-before-grading")
