#!/usr/bin/env bash
# jupytext 1.19.6.
# A line that begins with the name of a command of a shell is taken for a command of IPython. A comment "# copy the data"
# in a percent script is code in the notebook, where it is a SyntaxError; the line "rm - 1" of a notebook, a difference of
# two numbers, is a comment in the script, which then computes something else. A round trip shows nothing of it.
# Seen: "copy the data" in the notebook, "# rm - 1" in the script; "dir - 1" stays.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet jupytext==1.19.6
cd "$folder"
python - <<'PROGRAM'
import sys

import jupytext
from nbformat.v4 import new_code_cell, new_notebook


def in_the_notebook(line):
    return jupytext.reads(f"# %%\n{line}\nx = 1\n", fmt="py:percent").cells[0].source.splitlines()[0]


def in_the_script(line):
    notebook = new_notebook(cells=[new_code_cell(f"rm = dir = 3\n{line}")])
    return jupytext.writes(notebook, "py:percent").rstrip().splitlines()[-1]


seen = in_the_notebook("# copy the data"), in_the_script("rm - 1"), in_the_script("dir - 1")
print("a comment in the notebook, two differences in the script:", seen)
sys.exit(seen != ("copy the data", "# rm - 1", "dir - 1"))
PROGRAM
