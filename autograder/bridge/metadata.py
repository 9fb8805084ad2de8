"""nbgrader's check of cell metadata, done once for metadata that a whole class shares."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from nbformat import NotebookNode
from nbgrader.preprocessors import CheckCellMetadata


class CheckOnce(CheckCellMetadata):
    """Skips metadata that has passed the check before.

    nbgrader checks every cell of every notebook twice, and the schema each time; this takes a tenth of a second per
    submission. After the rebuild on the released notebook, all submissions of an assignment have the same metadata.
    """

    _fine: ClassVar[set[str]] = set()

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Check the notebook, unless one with the same cell types and metadata has passed."""
        said = json.dumps([[cell.cell_type, cell.metadata.get("nbgrader")] for cell in nb.cells])
        if said not in self._fine:
            super().preprocess(nb, resources)
            self._fine.add(said)
        return nb, resources
