"""The notebook itself: cells, metadata and formats that no tool writes."""

from __future__ import annotations

import copy
import json
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from tests.attacks.submissions.base import Seen, Submission
from tests.support import tiny

SUBTRACT = ("", "", tiny.SUBTRACT_ANSWER)
"""Most solve the last task, and get its one point whatever else they hand in."""


def grade_cells(nb: NotebookNode) -> list[NotebookNode]:
    """The cells that earn points."""
    return [cell for cell in nb.cells if cell.metadata["nbgrader"]["grade"]]


def duplicated(nb: NotebookNode) -> NotebookNode:
    """Every grade cell three times, two of them worth more."""
    for cell in grade_cells(nb):
        for points in (100, 1):
            other = copy.deepcopy(cell)
            other.metadata["nbgrader"]["points"] = points
            other.source = "100.0"
            nb.cells.append(other)
    return nb


def deleted(nb: NotebookNode) -> NotebookNode:
    """Only the answers, and one grade cell by which the sprint is known."""
    nb.cells = [c for c in nb.cells if not c.metadata["nbgrader"]["grade"]] + grade_cells(nb)[:1]
    return nb


def all_deleted(nb: NotebookNode) -> NotebookNode:
    """No grade cell at all."""
    nb.cells = [c for c in nb.cells if not c.metadata["nbgrader"]["grade"]]
    return nb


def retyped(nb: NotebookNode) -> Any:
    """Grade cells as text, answers as raw cells of unknown types."""
    raw = json.loads(json.dumps(nb))
    for cell in raw["cells"]:
        if cell["metadata"]["nbgrader"]["grade"]:
            cell["cell_type"] = "markdown"
            cell.pop("outputs")
        elif cell["metadata"]["nbgrader"]["grade_id"] == "solve_double":
            cell["cell_type"] = "solution"
    return raw


def reordered(nb: NotebookNode) -> NotebookNode:
    """Backwards."""
    nb.cells.reverse()
    return nb


def exchanged(nb: NotebookNode) -> NotebookNode:
    """Each grade cell under the name of another, answers under the names of grade cells."""
    cells = grade_cells(nb)
    names = [cell.metadata["nbgrader"]["grade_id"] for cell in cells]
    for cell, name in zip(cells, names[1:] + names[:1], strict=True):
        cell.metadata["nbgrader"]["grade_id"] = name
    thief = new_code_cell("3.0", metadata={"nbgrader": {**cells[0].metadata["nbgrader"], "locked": False}})
    thief.metadata["nbgrader"]["solution"] = True
    nb.cells.append(thief)
    return nb


def null_kernelspec(nb: NotebookNode) -> Any:
    """A kernel that is nothing, metadata that are null."""
    raw = json.loads(json.dumps(nb))
    raw["metadata"] = {"kernelspec": None, "language_info": None, "nbgrader": []}
    for cell in raw["cells"]:
        cell["metadata"]["tags"] = None
        cell["metadata"]["collapsed"] = {"x": [None]}
    return raw


def other_kernel(nb: NotebookNode) -> NotebookNode:
    """A kernel of the attacker's choice."""
    nb.metadata["kernelspec"] = {"name": "bash", "display_name": "x", "language": "bash", "argv": ["/bin/sh"]}
    nb.metadata["kernel_provisioner"] = {"provisioner_name": "local-provisioner"}
    return nb


def no_metadata(nb: NotebookNode) -> Any:
    """Metadata, cells and sources of other types than they have."""
    raw = json.loads(json.dumps(nb))
    raw["metadata"] = None
    raw["cells"] += [None, 7, [], {"cell_type": "code", "metadata": [3], "source": 5, "outputs": None, "id": {}}]
    for cell in raw["cells"][:7]:
        cell["id"] = "the-same"
        cell["source"] = cell["source"].splitlines(keepends=True)
    return raw


def format_3(nb: NotebookNode) -> Any:
    """nbformat 3: worksheets, and `input` for `source`."""
    cells = [
        {"cell_type": "code", "input": c["source"], "metadata": c["metadata"], "outputs": [], "language": "python"}
        for c in json.loads(json.dumps(nb))["cells"]
    ]
    return {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells}]}


def format_99(nb: NotebookNode) -> Any:
    """A format there is not."""
    return {**json.loads(json.dumps(nb)), "nbformat": 99}


def huge_outputs(nb: NotebookNode) -> NotebookNode:
    """20 MB of outputs, and a score among them."""
    for cell in nb.cells:
        cell.outputs = [
            new_output("stream", name="stdout", text="x" * (3 << 20)),
            new_output("execute_result", {"text/plain": "1000.0", "text/html": "<script>" + "y" * 1000}),
        ]
        cell.execution_count = 1 << 40
    return nb


def too_large(nb: NotebookNode) -> str:
    """More than the 50 MB a notebook may have."""
    return json.dumps(nb) + " " * 101_000_000


def many_cells(nb: NotebookNode) -> NotebookNode:
    """Sixty cells of the attacker's own between the released ones."""
    nb.cells[1:1] = [new_code_cell(f"x{n} = {n}") for n in range(60)]
    return nb


def swallowing(nb: NotebookNode) -> NotebookNode:
    """Cells that try to swallow what comes after them."""
    for magic in ("%%javascript", "%%capture", "%%script false", "%%html\n<script>"):
        nb.cells.insert(1, new_code_cell(magic + "\nalert(1)"))
    nb.cells.insert(1, new_code_cell("%autocall 2\n%load_ext autoreload\n%autoreload 3\n%pdb on\n%xmode Verbose"))
    nb.cells.insert(1, new_code_cell("def f(:\n'''"))
    return nb


def is_free(seen: Seen) -> bool:
    """Whether a check is worth more, or a task was graded by another's check."""
    if seen.graded is None:
        return False
    worth = {cell.id: cell.max_points for cell in seen.graded.results.cells}
    kernel = seen.graded.notebook.metadata.get("kernelspec", {}).get("name")
    return worth != tiny.POINTS or kernel != "python3" or seen.score > seen.submission.earns


SUBMISSIONS = [
    Submission("duplicated_grade_cells", "be graded twice or for more", SUBTRACT, duplicated, reached=is_free, earns=1),
    Submission("deleted_grade_cells", "be spared a check", SUBTRACT, deleted, reached=is_free, earns=1),
    Submission("all_grade_cells_deleted", "be graded by nothing", SUBTRACT, all_deleted, refused=True),
    Submission("retyped_cells", "be spared a check", SUBTRACT, retyped, reached=is_free, earns=1),
    Submission("reordered_cells", "have checks run before the answers", SUBTRACT, reordered, reached=is_free, earns=1),
    Submission("exchanged_names", "be graded by another's check", SUBTRACT, exchanged, reached=is_free, earns=1),
    Submission("null_kernelspec", "break the grading", SUBTRACT, null_kernelspec, reached=is_free, earns=1),
    Submission("another_kernel", "run outside the jail", SUBTRACT, other_kernel, reached=is_free, earns=1),
    Submission("metadata_of_wrong_types", "break the grading", SUBTRACT, no_metadata, reached=is_free, earns=1),
    Submission("notebook_format_3", "break the grading", SUBTRACT, format_3, reached=is_free, earns=1),
    Submission("notebook_format_99", "break the grading", SUBTRACT, format_99, refused=True),
    Submission("huge_outputs", "show a score, or cost memory", SUBTRACT, huge_outputs, reached=is_free, earns=1),
    Submission("a_file_too_large", "cost memory", SUBTRACT, too_large, refused=True),
    Submission("many_cells_of_its_own", "push checks out of sight", SUBTRACT, many_cells, reached=is_free, earns=1),
    Submission("cells_that_swallow_others", "have checks not run", SUBTRACT, swallowing, reached=is_free, earns=1),
    Submission("deep_json", "break the reader", SUBTRACT, lambda nb: '{"cells":' + "[" * 200_000, refused=True),
    Submission("a_number_without_end", "break the reader", SUBTRACT, lambda nb: '{"cells":' + "9" * 9999 + "}",
               refused=True),
    Submission("not_a_notebook", "break the reader", SUBTRACT, lambda nb: "\0\x1b[2J", refused=True),
]  # fmt: skip
