"""What grows in one warm process with the number of its jails.

``python benchmarks/many_jails.py [--jails 2000] [--every 200]`` forks that many kernels, one after another, from one
warm process with the course's frameworks, and ends each. In equal steps it prints the median time of a start and of an
end, and the memory, descriptors, processes and files of both sides of the wall. Ctrl-C ends it early with what it has.

"Written" is memory that no file can give back, with what the sandbox's processes share counted once. "Files" is the
sandbox's part of the libraries in memory. That part is divided among all processes of the machine that have mapped the
same libraries, so it goes up and down with what else runs. ``--beside`` shows that before the jails begin: it reads
both alone, and while another process has imported TensorFlow and torch.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.jail import warm
from autograder.jail.jailed_kernel import jailed_kernel
from autograder.jail.preload import PRELOAD

IN_USE = ("grader MiB", "written MiB", "files MiB", "descriptors", "processes", "files")


def main() -> None:
    """Fork, end, and print a row for each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jails", type=int, default=2_000)
    parser.add_argument("--every", type=int, default=200)
    parser.add_argument("--beside", action="store_true", help="show what another process changes in the readings")
    options = parser.parse_args()
    jail = warm.shared(PRELOAD, ahead=1)
    jail.warm_up()
    if options.beside:
        show_beside(jail)
    table = Table(title=f"{options.jails:,} jails of one warm process, on {os.cpu_count()} cores")
    for column in ("jails", "start ms", "end ms", *IN_USE, "load"):
        table.add_column(column, justify="right")
    starts, ends = [], []
    with contextlib.suppress(KeyboardInterrupt):
        for number in track(range(1, options.jails + 1), "jails"):
            jail.settle()
            began = time.perf_counter()
            kernel = jailed_kernel(None, jail)
            starts.append(time.perf_counter() - began)
            began = time.perf_counter()
            kernel.kill()
            ends.append(time.perf_counter() - began)
            if number % options.every == 0:
                jail.settle()
                times = (f"{1e3 * statistics.median(taken):.1f}" for taken in (starts, ends))
                row = [f"{number:,}", *times, *in_use(jail), f"{os.getloadavg()[0]:.1f}"]
                table.add_row(*row)
                print(*row, sep="\t", flush=True)
                starts.clear()
                ends.clear()
    Console(width=120).print(table)


def in_use(jail: warm.WarmJail) -> list[str]:
    """What :data:`IN_USE` names: of this process and of those below it."""
    me = psutil.Process()
    below = me.children(recursive=True)
    files = sum(len(names) for _, _, names in os.walk(jail.rooms))
    parts = [proportional(process.pid) for process in below]
    memory = me.memory_full_info().uss / 2**20, sum(part[0] for part in parts), sum(part[1] for part in parts)
    descriptors = me.num_fds() + sum(process.num_fds() for process in below)
    return [*(f"{used:.0f}" for used in memory), str(descriptors), str(len(below)), str(files)]


def proportional(process: int) -> tuple[float, float]:
    """A process's part of the memory it has written and of the files it has mapped, in MiB."""
    said = dict(re.findall(r"^(\w+): +(\d+) kB$", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE))
    return (int(said["Pss_Anon"]) + int(said["Pss_Shmem"])) / 1024, int(said["Pss_File"]) / 1024


def show_beside(jail: warm.WarmJail) -> None:
    """Print the sandbox's memory alone, and while a process outside it has the same libraries."""
    room, confined = jail.take()
    jail.settle()
    table = Table(title="the warm process with two jails, MiB")
    for column in ("", "private (USS)", "proportional: written", "proportional: files"):
        table.add_column(column, justify="right")
    below = psutil.Process().children(recursive=True)

    def read(when: str) -> None:
        uss = sum(process.memory_full_info().uss for process in below) / 2**20
        parts = [proportional(process.pid) for process in below]
        table.add_row(when, f"{uss:.0f}", *(f"{sum(part[side] for part in parts):.0f}" for side in (0, 1)))

    read("alone")
    with subprocess.Popen(
        [sys.executable, "-c", "import tensorflow, torch; print(flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        other.stdout.readline()
        read("beside another process")
        other.communicate(b"\n")
    read("after its end")
    jail.give_back(room, confined)
    Console().print(table)


if __name__ == "__main__":
    main()
