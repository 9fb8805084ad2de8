#!/usr/bin/env bash
# ipykernel 7.4.0, nbclient 0.11.0.
# exit() in a cell ends neither the cell nor the notebook: the lines after it run, the next cell runs, and nbclient
# reports no error. In a script, and in IPython's terminal, nothing after it would run.
# Seen: "after" in the first cell, "next" in the second, no exception.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet nbclient==0.11.0 ipykernel==7.4.0
cd "$folder"
python - <<'PROGRAM'
import sys

from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

notebook = new_notebook(cells=[new_code_cell("exit()\nprint('after')"), new_code_cell("print('next')")])
NotebookClient(notebook, kernel_name="python3").execute()
seen = ["".join(output.get("text", "") for output in cell.outputs) for cell in notebook.cells]
print("printed by the two cells:", seen)
sys.exit(seen != ["after\n", "next\n"])
PROGRAM
