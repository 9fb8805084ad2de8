#!/usr/bin/env bash
# nbformat 5.10.4 on CPython 3.11.
# nbformat writes a notebook with an indent of one blank. Python's json module has an encoder in C, and does not use it
# when there is an indent: each line of an output is then several steps of a generator in Python. Reading is done in C.
# So writing a notebook takes two to three times as long as reading it. It counts where one process writes a class's.
# Seen: seven steps of Python for each line of output; two in all for the same notebook without an indent.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet nbformat==5.10.4
python - <<'PROGRAM'
import json
import sys
import time

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

LINES = 50_000
output = new_output("stream", text="a line of output\n" * LINES)
notebook = new_notebook(cells=[new_code_cell("1", outputs=[output])])
text = nbformat.writes(notebook)
as_stored = json.loads(text)


def steps_in_json(write):
    """How often Python code of the json module was entered or resumed."""
    count = 0

    def seen(frame, event, argument):
        nonlocal count
        count += event == "call" and frame.f_code.co_filename.endswith("json/encoder.py")

    sys.setprofile(seen)
    write()
    sys.setprofile(None)
    return count


def seconds(action):
    best = []
    for _ in range(5):
        start = time.perf_counter()
        action()
        best.append(time.perf_counter() - start)
    return min(best)


theirs = steps_in_json(lambda: nbformat.writes(notebook))
compact = steps_in_json(lambda: json.dumps(as_stored))
writing, reading = seconds(lambda: json.dumps(as_stored, indent=1)), seconds(lambda: json.loads(text))
print(f"{LINES} lines of output: nbformat takes {theirs} steps in Python's json, the same without an indent {compact}")
compactly = seconds(lambda: json.dumps(as_stored))
print(f"writing takes {writing / reading:.1f} times as long as reading, and {compactly / reading:.1f} without an indent")
sys.exit(not (theirs > LINES and compact < 100))
PROGRAM
