"""Is a notebook's file what nbformat writes?"""

from __future__ import annotations

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.notebook.write import notebook_text
from tests.support.paths import ROOT

OUTPUTS = [
    new_output("stream", text="a\nb\n\x1b[31mred\n"),
    new_output("display_data", {"text/html": "<p>\n</p>", "application/json": {"b": [1, 2.5], "a": None}}),
    new_output("error", ename="E", evalue="why", traceback=["one", "two\nthree"]),
]  # fmt: skip
WRITTEN = new_notebook(
    cells=[
        new_markdown_cell("# Ä\n\nline\u2028here", attachments={"a.png": {"image/png": "iVBORw"}}),
        new_code_cell("", metadata={"trusted": True, "tags": ["x"]}),
        new_code_cell("print(1)\nprint(2)", outputs=OUTPUTS, execution_count=3),
    ],
    metadata={"signature": "s", "kernelspec": {"name": "python3", "display_name": "Python"}},
)


@pytest.mark.parametrize(
    "nb",
    [WRITTEN, *(nbformat.read(path, as_version=4) for path in sorted((ROOT / "assignments").glob("*/*.ipynb")))],
    ids=lambda nb: f"{len(nb.cells)} cells",
)
def test_it_is_what_nbformat_writes(nb: nbformat.NotebookNode) -> None:
    theirs = nbformat.writes(copy.deepcopy(nb)) + "\n"
    assert notebook_text(copy.deepcopy(nb)) == theirs
