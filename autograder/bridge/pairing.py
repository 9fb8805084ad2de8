"""Unpairs the students' notebook from the reference solution; only the instructor's is paired."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.bridge.language import untag

ACTIVE = "active-"  # prefix of jupytext's tags for cells that are code in only one of the paired files


class ClearPairing(NbGraderPreprocessor):
    """Removes jupytext's metadata, so that a student's JupyterLab does not look for the paired script."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Remove the metadata and tags that jupytext wrote."""
        nb.metadata.pop("jupytext", None)
        for cell in nb.cells:
            untag(cell, ACTIVE)
        return nb, resources
