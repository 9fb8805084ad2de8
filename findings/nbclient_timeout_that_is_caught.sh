#!/usr/bin/env bash
# nbclient 0.11.0, ipykernel 7.4.0.
# With timeout=1 and interrupt_on_timeout=True a cell that takes longer is interrupted. When its code handles
# KeyboardInterrupt, as many training loops do, the execution succeeds: no error, no mark in the notebook that a limit
# was met. Without interrupt_on_timeout the same cell raises CellTimeoutError.
# Seen: "stopped" in the first cell, "next" in the second, no exception; then CellTimeoutError.
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
from nbclient.exceptions import CellTimeoutError
from nbformat.v4 import new_code_cell, new_notebook

TRAINING = "import time\ntry:\n    time.sleep(3)\nexcept KeyboardInterrupt:\n    print('stopped')"


def run(**how):
    notebook = new_notebook(cells=[new_code_cell(TRAINING), new_code_cell("print('next')")])
    try:
        NotebookClient(notebook, kernel_name="python3", timeout=1, **how).execute()
    except CellTimeoutError:
        return "CellTimeoutError"
    return ["".join(output.get("text", output.output_type) for output in cell.outputs) for cell in notebook.cells]


seen = run(interrupt_on_timeout=True), run()
print("with interrupt_on_timeout, and without:", seen)
sys.exit(seen != (["stopped\n", "next\n"], "CellTimeoutError"))
PROGRAM
