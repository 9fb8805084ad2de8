#!/usr/bin/env bash
# nbgrader 0.9.6.
# LimitOutput, which autograde runs with max_lines=1000, cuts what a cell prints by lines. One line of a million
# characters goes through whole, and results and displays are not cut at all: their size in feedback has no limit.
# Seen: 2,000 printed lines become 1,000; a printed line, a result of 2,000 lines and a display keep every character.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet nbgrader==0.9.6
cd "$folder"
python - <<'PROGRAM'
import sys

from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.preprocessors import LimitOutput

lines, line = "line\n" * 2000, "x" * 1_000_000
outputs = {
    "printed lines": new_output("stream", text=lines),
    "one printed line": new_output("stream", text=line),
    "result": new_output("execute_result", data={"text/plain": lines}),
    "display": new_output("display_data", data={"text/html": line}),
}
kept = {}
for name, output in outputs.items():
    notebook = new_notebook(cells=[new_code_cell("1", outputs=[output])])
    LimitOutput().preprocess(notebook, {})
    (after,) = notebook.cells[0].outputs
    kept[name] = len(after.get("text") or next(iter(after.data.values())))
print("characters that are left:", kept)
sys.exit(kept["printed lines"] >= len(lines) or list(kept.values())[1:] != [len(line), len(lines), len(line)])
PROGRAM
