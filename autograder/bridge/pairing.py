"""The instructor's notebook is paired with the reference solution; the students' is not."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.bridge.language import untag

ACTIVE = "active-"  # jupytext's tags for cells that are code in one of the two forms only


class ClearPairing(NbGraderPreprocessor):
    """Removes jupytext's metadata, so that a student's JupyterLab does not look for the paired script."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Drop what jupytext wrote."""
        nb.metadata.pop("jupytext", None)
        for cell in nb.cells:
            untag(cell, ACTIVE)
        return nb, resources
