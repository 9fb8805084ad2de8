"""nbgrader's sanitizing step, done by rebuilding the submission on the released notebook."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import (
    ClearOutput,
    DeduplicateIds,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
)

from autograder.bridge.hidden import HiddenGraders
from autograder.bridge.metadata import CheckOnce
from autograder.notebook.prepare import prepare
from autograder.notebook.read import read_release

ASTRAY = "answers_astray"
CHECK_POINTS = "see whether the points are right"
BY_RELEASED_CELLS = {ClearOutput, DeduplicateIds, OverwriteKernelspec, OverwriteCells, CheckOnce}
"""Steps that, after the rebuild, change nothing but what the release says: kernel, settings and locked cells."""


class RebuildSubmission(NbGraderPreprocessor):
    """Puts the student's answers into the released notebook if the assignment has hidden graders."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Rebuild the notebook, and say in plain words what was corrected.

        What a person should look at is in the resources, under :data:`ASTRAY`.
        """
        sprint = HiddenGraders.of(self).sprint_of(resources)
        if sprint is None:
            return nb, resources
        done = prepare(nb, read_release(sprint.release))
        resources[ASTRAY] = done.astray
        for change in done.changes:
            self.log.warning("%s of %s: %s", sprint.slug, resources["nbgrader"]["student"], change)
        return done.notebook, resources
