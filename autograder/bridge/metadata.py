"""nbgrader's check of the cells' metadata, once for what is the same in a whole class."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from nbformat import NotebookNode
from nbgrader.preprocessors import CheckCellMetadata


class CheckOnce(CheckCellMetadata):
    """Checks metadata that has not been checked before.

    nbgrader checks every cell of every notebook twice, and the schema with each: a tenth of a second a submission.
    After the rebuild on the released notebook, all submissions of an assignment have the same.
    """

    _fine: ClassVar[set[str]] = set()

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Check the notebook, unless one whose cells say the same has passed."""
        said = json.dumps([[cell.cell_type, cell.metadata.get("nbgrader")] for cell in nb.cells])
        if said not in self._fine:
            super().preprocess(nb, resources)
            self._fine.add(said)
        return nb, resources
