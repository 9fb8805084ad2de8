"""Reads submissions on which stock nbgrader fails before any preprocessor sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter, NotebookExporter
from nbformat import NotebookNode
from traitlets import default

from autograder.bridge.hidden import HiddenGraders
from autograder.bridge.sanitize import ASTRAY, CHECK_POINTS
from autograder.notebook.read import read_notebook
from autograder.notebook.write import notebook_text

VALID = "still_valid"
"""The resource that says that the notebook is valid and that no step makes it invalid."""


class _Handed(NotebookNode):
    """A notebook that nothing else refers to, so nbconvert does not need to copy it."""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Handed:
        return self


class SubmissionExporter(NotebookExporter):
    """Reads a notebook and writes a notebook; metadata that is null, a list or a number does not stop grading."""

    @default("optimistic_validation")  # type: ignore[untyped-decorator]
    def _validated_once(self) -> bool:
        """Validate the notebook after the last preprocessor only, not after each."""
        return True

    def from_file(self, file_stream: Any, resources: Any = None, **kw: Any) -> tuple[str, Any]:
        """Read a submission with this project's reader, and anything else as nbconvert does."""
        sanitizing = getattr(self.parent, "_sanitizing", False)
        if not sanitizing or HiddenGraders.of(self).sprint_of(resources) is None:
            return super().from_file(file_stream, resources=resources, **kw)
        return self.from_notebook_node(read_notebook(Path(file_stream.name)), resources=resources, **kw)

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> tuple[str, Any]:
        """A notebook after this exporter's steps, as text."""
        if HiddenGraders.of(self).sprint_of(resources) is None:
            theirs: tuple[str, Any] = super().from_notebook_node(nb, resources, **kw)
            return theirs
        done, resources = Exporter.from_notebook_node(self, nb, resources, **kw)
        return notebook_text(done), resources

    def sanitized(self, path: Path, resources: Any) -> NotebookNode:
        """A submission after this exporter's steps, as a notebook; :meth:`from_filename` returns text instead."""
        done: NotebookNode = Exporter.from_notebook_node(self, _Handed(read_notebook(path)), resources=resources)[0]
        return done

    def graded(self, nb: NotebookNode, resources: Any) -> tuple[str, Any]:
        """A notebook that a worker has graded, as text, after this exporter's steps; changes `nb` in place."""
        done: tuple[str, Any] = self.from_notebook_node(_Handed(nb), resources=resources)
        return done

    def _preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Do what nbconvert does, without copying the notebook twice more: it has just been read."""
        if HiddenGraders.of(self).sprint_of(resources) is None:
            done: tuple[NotebookNode, Any] = super()._preprocess(nb, resources)
            return done
        for step in self._preprocessors:
            nb, resources = step(nb, resources)
        astray, looks = resources.pop(ASTRAY, ()), getattr(self.parent, "looks", None)
        if looks is not None:  # the converter is one that says at the end who needs a look
            for what in astray:
                looks.add(resources["nbgrader"]["student"], what, CHECK_POINTS)
        if not resources.pop(VALID, False):
            self._validate_preprocessor(nb, "the last")
        return nb, resources
