"""What each further worker of a class costs to start, in this checkout and in another one.

``python benchmarks/workers.py ../old [--workers 1 2 4] [--sprint tf_function]``. Each side starts the class's workers
on this machine, and each worker makes one jail for the sprint's notebook, so that whatever it needs has been imported.
Then the seconds that this took are read, and of all processes below the coordinating one the CPU seconds and the
private memory, which is what their end would give back. The sides take turns. Printed are medians, and what a worker
more costs: the difference from the smallest number, for each of the others.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from one_notebook import environment
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.course.sprint import project_root

CHILD = """
import json, sys, time
import psutil
from autograder.classroom.cluster import client_of
from autograder.course.sprint import find_sprint
from autograder.jail.lane import lane_for
from autograder.notebook.read import read_release

def make_jail(release, dask_worker):
    dask_worker.jail_of_benchmark = lane_for("required", read_release(release)).kernels(None)

def of_all(read):
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            found.append(read(process))
        except psutil.Error:
            pass
    return sum(found)

if __name__ == "__main__":
    began, workers = time.perf_counter(), int(sys.argv[2])
    with client_of(workers, None) as client:
        client.wait_for_workers(workers)
        client.run(make_jail, find_sprint(sys.argv[1]).release)
        took = time.perf_counter() - began
        cpu = of_all(lambda process: sum(process.cpu_times()[:4]))
        memory = of_all(lambda process: process.memory_full_info().uss) / 2**20
        print(json.dumps([took, cpu, memory]), flush=True)
"""
"""What each side runs, for a number of workers: the seconds, CPU seconds and MiB until each worker has a jail."""
UNITS = ("s", "CPU s", "private MiB")


def started(root: Path, python: Path, sprint: str, workers: int) -> list[float]:
    """Start workers from a checkout; what :data:`CHILD` prints.

    Raises
    ------
    SystemExit
        when they do not start.
    """
    env = environment(PYTHONPATH=str(root), AUTOGRADER_ROOT=str(root))
    said = subprocess.run(
        [str(python), "-c", CHILD, sprint, str(workers)],
        cwd=root,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        check=False,
    )
    if said.returncode:
        sys.exit(f"{root.name}: {workers} workers did not start; the lines above say why")
    return [float(number) for number in json.loads(said.stdout.splitlines()[-1])]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="the other checkout")
    parser.add_argument("--python", type=Path, help="its Python (default: that of its .venv)")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--sprint", default="tf_function")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    other, few = options.other.resolve(), min(options.workers)
    sides = {
        other: (options.python or other / ".venv" / "bin" / "python").absolute(),  # not resolved: a link is another one
        project_root(): Path(sys.executable),
    }
    costs: dict[tuple[Path, int], list[list[float]]] = defaultdict(list)
    for _ in track(range(options.rounds), options.sprint, console=Console(stderr=True)):
        for workers in options.workers:
            for root, python in sides.items():
                costs[root, workers].append(started(root, python, options.sprint, workers))
    title = f"workers with a jail each, {options.sprint}, on {os.cpu_count()} cores; medians of {options.rounds} turns"
    table = Table(title=title, caption=f"load {os.getloadavg()[0]:.1f}")
    for heading in ("checkout", "workers", *UNITS, *(f"{unit} a worker more" for unit in UNITS)):
        table.add_column(heading, justify="left" if heading == "checkout" else "right")
    for root in sides:
        least = [statistics.median(column) for column in zip(*costs[root, few], strict=True)]
        for workers in options.workers:
            row = [statistics.median(column) for column in zip(*costs[root, workers], strict=True)]
            more = (
                [(one - first) / (workers - few) for one, first in zip(row, least, strict=True)]
                if workers > few
                else []
            )
            table.add_row(root.name, str(workers), *(f"{one:.1f}" for one in row), *(f"{one:.1f}" for one in more))
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
