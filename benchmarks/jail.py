"""What a jail costs, what the warm process saves, and whether anything grows.

``python benchmarks/jail.py [--runs 15] [--sprint define_by_run] [--submissions 200]`` prints medians on this machine.
It compares a bare fork of a process that has imported the frameworks with a jail forked from it, and the start of a
warm kernel with that of a cold one; it grades the sprint's reference in both. It also prints the private memory of one
more submission and, with ``--submissions``, the memory, processes, descriptors, threads and files after the 20th
submission in a row and after the last.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection
from pathlib import Path

import nbformat
import psutil
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.authoring.variants import fill, reference
from autograder.course.sprint import find_sprint
from autograder.environments import environment_of
from autograder.environments.interpreter import Interpreter
from autograder.grading.conditions import Conditions
from autograder.grading.engine import grade_notebook
from autograder.jail import bubblewrap, warm
from autograder.jail.jailed_kernel import JailedKernel, jailed_kernel
from autograder.jail.kernel import Kernel, KernelSource
from autograder.jail.lane import Lane
from autograder.jail.ordinary_kernel import ordinary_kernel
from autograder.jail.preload import ALWAYS, PRELOAD
from autograder.jail.room import Room
from autograder.notebook.rebuild import load_submission

BARE_FORK = """
import importlib, json, os, socket, sys, time, gc
control = socket.socket(fileno=int(sys.argv[1]))
for name in json.loads(control.recv(1 << 16)):
    importlib.import_module(name)
gc.freeze()
while control.recv(16):
    child = os.fork()
    if not child:
        control.sendall(b"here")
        os._exit(0)
    os.waitpid(child, 0)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--sprint", default="define_by_run")
    parser.add_argument("--submissions", type=int, default=0, help="how many to grade in a row, 21 or more")
    options = parser.parse_args()
    environment = environment_of(find_sprint(options.sprint))
    python = environment.interpreter() if environment else None
    modules = (*ALWAYS, *environment.preload) if environment else PRELOAD
    jail = warm.shared(modules, ahead=1, python=python)
    start = time.perf_counter()
    jail.warm_up()
    rows = [("the warm process, once", time.perf_counter() - start)]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        fork = median(options.runs, bare_forks(Path(folder), options.runs + 1, modules, python))
    setup = median(options.runs, lambda: jail_setup(jail))
    rows += [("a bare fork of it", fork), ("a jail and the fork in it", setup), ("  over the bare fork", setup - fork)]
    sources = {
        "warm, in a jail": lambda files: jailed_kernel(files, jail),
        "cold, ordinary": lambda files: ordinary_kernel(files, python),
    }
    for name, source in sources.items():
        start_s, end_s = [], []
        for _ in range(options.runs if "warm" in name else 3):
            jail.settle()  # wait until the next kernel is ready; in real use, grading gives it the time
            begun = time.perf_counter()
            kernel = source(None)
            start_s.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            kernel.kill()
            end_s.append(time.perf_counter() - begun)
        rows += [(f"a kernel until ready: {name}", statistics.median(start_s)), ("  its end", statistics.median(end_s))]
    for name, source in sources.items():
        rows.append((f"{options.sprint} graded: {name}", median(5, lambda s=source: graded(options.sprint, s))))
    table = Table(title=f"medians on {os.cpu_count()} cores, {os.uname().release}")
    table.add_column("what")
    table.add_column("ms", justify="right")
    for name, seconds in rows:
        table.add_row(name, f"{seconds * 1000:.1f}")
    Console().print(table)
    private = private_memory(options.sprint, jail) / 2**20
    Console().print(f"private memory of one more submission, at its end: {private:.0f} MiB")
    if options.submissions:
        Console().print(growth(options.sprint, jail, options.submissions))


def median(runs: int, once: Callable[[], float]) -> float:
    """The median of several runs, after a first one that does not count."""
    once()
    return statistics.median(once() for _ in range(runs))


def bare_forks(folder: Path, count: int, preload: Collection[str], python: Interpreter | None) -> Callable[[], float]:
    """The seconds that a process with the same imports needs to fork and answer, in the same sandbox."""
    bubblewrap.prepare(folder)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = bubblewrap.command(folder, theirs.fileno(), BARE_FORK, python=python)
    subprocess.Popen(command, pass_fds=[theirs.fileno()], stderr=subprocess.DEVNULL)
    theirs.close()
    ours.sendall(json.dumps([*preload, "ipykernel.kernelapp", "debugpy"]).encode())
    left = count

    def once() -> float:
        nonlocal left
        start = time.perf_counter()
        ours.sendall(b"fork")
        ours.recv(16)
        seconds = time.perf_counter() - start
        left -= 1
        if not left:
            ours.close()
        return seconds

    return once


def jail_setup(jail: warm.WarmJail) -> float:
    """The seconds from the request until the kernel's process has been forked in its finished jail."""
    room = Room(jail.rooms)
    start = time.monotonic()
    confined = jail.fork(room)
    confined.finish()
    room.remove()
    return confined.forked_at - start


def graded(slug: str, source: KernelSource) -> float:
    """The seconds to grade the sprint's reference, including the tests.

    Raises
    ------
    RuntimeError
        when a test fails, because the time would then mean nothing. Tests that wait for a GPU may stay pending.
    """
    sprint = find_sprint(slug)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{slug}.ipynb")
        nbformat.write(fill(nbformat.read(sprint.release, as_version=4), reference(slug)), path)
        start = time.perf_counter()
        results = grade_notebook(load_submission(path, sprint), sprint, Conditions(Lane(source), "benchmark")).results
        seconds = time.perf_counter() - start
    lost = [test.name for test in results.tests if test.outcome not in ("passed", "pending")]
    if lost:
        raise RuntimeError(f"the reference got {results.score} of {results.max_score}: {', '.join(lost)}")
    return seconds


def private_memory(slug: str, jail: warm.WarmJail) -> int:
    """The private memory of a kernel, in bytes, after the sprint's reference has been graded in it."""
    seen: list[int] = []

    class Watched(JailedKernel):
        def kill(self) -> None:
            if self._confined is not None and self.alive():
                seen.append(int(psutil.Process(self._confined.pid).memory_full_info().uss))
            super().kill()

    def source(files: Path | None) -> Kernel:
        kernel = Watched(jail, files)
        kernel.launch()
        return kernel

    graded(slug, source)
    return max(seen)


def growth(slug: str, jail: warm.WarmJail, count: int) -> Table:
    """The resources in use after the 20th submission in a row, and after the last."""
    table = Table(title=f"{count} submissions in a row")
    for column in ("after", "grader MiB", "sandbox MiB", "processes", "descriptors", "threads", "files"):
        table.add_column(column, justify="right")
    for number in track(range(1, count + 1), "grading"):
        graded(slug, lambda files: jailed_kernel(files, jail))
        if number in (20, count):
            jail.settle()
            me = psutil.Process()
            below = me.children(recursive=True)
            files = sum(len(names) for _, _, names in os.walk(jail.rooms))
            table.add_row(
                str(number),
                f"{me.memory_full_info().uss / 2**20:.0f}",
                f"{sum(p.memory_full_info().uss for p in below) / 2**20:.0f}",
                str(len(below)),
                str(me.num_fds() + sum(p.num_fds() for p in below)),
                str(me.num_threads()),
                str(files),
            )
    return table


if __name__ == "__main__":
    main()
