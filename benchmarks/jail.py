"""What a jail costs, and what the warm process saves.

``python benchmarks/jail.py [--runs 15] [--sprint define_by_run]`` prints medians of one run on this machine: a bare
fork of a process that has imported the frameworks against a jail forked from it, a warm kernel from request to ready
against a cold one, the private memory of one more kernel, and the sprint's reference graded in both.
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
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil
from rich.console import Console
from rich.table import Table

from autograder.course.sprint import find_sprint
from autograder.course.variants import fill, reference
from autograder.grading.engine import grade_notebook, load_submission
from autograder.jail import jail_init, sandbox, warm
from autograder.jail.jailed import jailed_kernel
from autograder.jail.kernel import KernelSource, ordinary_kernel

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
    options = parser.parse_args()
    jail = warm.shared()
    start = time.perf_counter()
    jail.warm_up()
    rows = [("the warm process, once", time.perf_counter() - start)]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        fork = median(options.runs, bare_forks(Path(folder), options.runs + 1))
    setup = median(options.runs, lambda: jail_setup(jail))
    rows += [("a bare fork of it", fork), ("a jail and the fork in it", setup), ("  over the bare fork", setup - fork)]
    for name, source in (("warm, in a jail", jailed_kernel), ("cold, ordinary", ordinary_kernel)):
        start_s, end_s = [], []
        for _ in range(options.runs if source is jailed_kernel else 3):
            begun = time.perf_counter()
            kernel = source(None)
            start_s.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            kernel.kill()
            end_s.append(time.perf_counter() - begun)
        rows += [(f"a kernel until ready: {name}", statistics.median(start_s)), ("  its end", statistics.median(end_s))]
    for name, source in (("warm, in a jail", jailed_kernel), ("cold, ordinary", ordinary_kernel)):
        rows.append(
            (f"{options.sprint}, reference graded: {name}", median(5, lambda s=source: graded(options.sprint, s)))
        )
    table = Table(title=f"medians on {os.cpu_count()} cores, {os.uname().release}")
    table.add_column("what")
    table.add_column("ms", justify="right")
    for name, seconds in rows:
        table.add_row(name, f"{seconds * 1000:.1f}")
    Console().print(table)
    Console().print(f"private memory of one more kernel: {private_memory() / 2**20:.0f} MiB")


def median(runs: int, once: Callable[[], float]) -> float:
    """The median of several runs, after one that does not count."""
    once()
    return statistics.median(once() for _ in range(runs))


def bare_forks(folder: Path, count: int) -> Callable[[], float]:
    """Seconds a process that has imported the same needs to fork and answer, in the same sandbox."""
    sandbox.prepare(folder)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = sandbox.command(folder, theirs.fileno(), BARE_FORK)
    subprocess.Popen(command, pass_fds=[theirs.fileno()], stderr=subprocess.DEVNULL)
    theirs.close()
    ours.sendall(json.dumps([*warm.PRELOAD, "ipykernel.kernelapp", "debugpy"]).encode())
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
    """Seconds from the request until the kernel's process has been forked in its finished jail."""
    room = jail.new_room()
    connection = {"transport": "ipc", "ip": f"{jail_init.ROOM}/kernel", "key": "key", "signature_scheme": "hmac-sha256"}
    connection |= {
        f"{name}_port": number for number, name in enumerate(("shell", "iopub", "stdin", "hb", "control"), 1)
    }
    (room / "sockets" / "connection.json").write_text(json.dumps(connection))
    start = time.monotonic()
    confined = jail.launch(room, f"{jail_init.ROOM}/connection.json")
    confined.kill()
    confined.finish()
    return confined.forked_at - start


def graded(slug: str, source: KernelSource) -> float:
    """Seconds to grade the sprint's reference, tests included.

    Raises
    ------
    RuntimeError
        when it does not get full marks: the time of that would say nothing.
    """
    sprint = find_sprint(slug)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{slug}.ipynb")
        nbformat.write(fill(nbformat.read(sprint.release, as_version=4), reference(slug)), path)
        start = time.perf_counter()
        results = grade_notebook(load_submission(path, sprint), sprint, kernels=source, seed="benchmark").results
        seconds = time.perf_counter() - start
    if results.score != results.max_score:
        raise RuntimeError(f"the reference got {results.score} of {results.max_score}")
    return seconds


def private_memory() -> int:
    """Bytes that a kernel has for itself once it is ready."""
    kernel = jailed_kernel(None)
    try:
        return int(psutil.Process(kernel.manager.provisioner.process.pid).memory_full_info().uss)
    finally:
        kernel.kill()


if __name__ == "__main__":
    main()
