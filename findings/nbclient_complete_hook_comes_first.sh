#!/usr/bin/env bash
# nbclient 0.11.0, ipykernel 7.4.0.
# The hook on_cell_complete is called when the cell has been sent to the kernel, before it has run: its documentation
# says "after a cell execution is complete". on_cell_executed is the one that comes after.
# Seen: complete, with 0 outputs and before the file that the cell writes at its end; then executed, with 1 output.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet nbclient==0.11.0 ipykernel==7.4.0
cd "$folder"
python - <<'PROGRAM'
import sys
from pathlib import Path

from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

seen = []


def note(name):
    return lambda cell, cell_index, **_: seen.append((name, len(cell.get("outputs", [])), Path("written").exists()))


cell = new_code_cell("import time, pathlib\ntime.sleep(1)\nprint('done')\npathlib.Path('written').touch()")
hooks = {f"on_cell_{name}": note(name) for name in ("complete", "executed")}
NotebookClient(new_notebook(cells=[cell]), kernel_name="python3", **hooks).execute()
print("hook, outputs in the cell, whether the cell has come to its end:", seen)
sys.exit(seen != [("complete", 0, False), ("executed", 1, True)])
PROGRAM
