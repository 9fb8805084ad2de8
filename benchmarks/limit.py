"""The lower limit for the cost of grading: fork a process that has imported everything, execute cells and tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import nbformat
from measure import Cost

CHILD = """
import gc, json, os, resource, sys, time
import numpy, sklearn.datasets, matplotlib
matplotlib.use("agg")
import matplotlib.pyplot
if {frameworks}:
    import tensorflow, torch
import pytest
import in_kernel
cells = json.load(open(sys.argv[1]))
gc.freeze()
for _ in range({runs}):
    start = time.perf_counter()
    child = os.fork()
    if not child:
        sys.stdout = open(os.devnull, "w")
        known = {{"__name__": "__main__"}}
        sys.modules["__main__"].__dict__.update(known)
        for source in cells:
            exec(compile(source, "<cell>", "exec"), known)
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    assert status == 0, status
    print(time.perf_counter() - start, used.ru_utime + used.ru_stime, flush=True)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def fork_and_exec(notebook: Path, tests: dict[str, str], runs: int) -> Cost:
    """The median seconds and CPU seconds from fork to exit, and the peak memory of the forking process alone.

    ``tests``: the code that runs a cell's hidden tests, by grade_id.
    """
    cells = []
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            cells.append(cell.source + "\n" + tests.get(name, ""))
    frameworks = any("import torch" in cell for cell in cells)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(cells, file)
        file.flush()
        done = subprocess.run(
            [sys.executable, "-c", CHILD.format(frameworks=frameworks, runs=runs), file.name],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent), "TF_CPP_MIN_LOG_LEVEL": "2"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"fork and exec ended with {done.returncode}:\n{done.stderr[-3000:]}")
    *runs_took, kibibytes = done.stdout.splitlines()[-runs - 1 :]
    seconds, cpu = zip(*(map(float, line.split()) for line in runs_took[1:]), strict=True)
    return Cost(median(seconds), float(kibibytes) / 1024, median(cpu))
