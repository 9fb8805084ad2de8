"""The release says at the end of each public check that hidden tests remain."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.bridge.hidden import HiddenGraders
from autograder.bridge.language import KeepLanguage
from autograder.notebook.cells import cells_with_tests
from autograder.notebook.checks_line import with_checks_line


class SayHidden(NbGraderPreprocessor):
    """Writes the line into each graded cell that has a file of hidden tests. Other cells do not change."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Put the line at the end of the checks."""
        sprint = HiddenGraders.of(self).sprint_of(resources)
        if sprint is not None:
            language = str(KeepLanguage(parent=self).language)
            for name, place in cells_with_tests(nb).items():
                if sprint.grader_of(name).is_file():
                    nb.cells[place].source = with_checks_line(nb.cells[place].source, language)
        return nb, resources
