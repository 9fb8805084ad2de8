"""What grows in one warm process with the number of its jails.

``python benchmarks/many_jails.py [--jails 2000] [--every 200]`` forks that many kernels, one after another, from one
warm process with the course's frameworks, and ends each. In equal steps it prints the median time of a start and of an
end, and the memory, descriptors, processes and files of both sides of the wall.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

import psutil
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.jail import warm
from autograder.jail.jailed_kernel import jailed_kernel
from autograder.jail.preload import PRELOAD


def main() -> None:
    """Fork, end, and print a row for each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jails", type=int, default=2_000)
    parser.add_argument("--every", type=int, default=200)
    options = parser.parse_args()
    jail = warm.shared(PRELOAD, ahead=1)
    jail.warm_up()
    table = Table(title=f"{options.jails:,} jails of one warm process, on {os.cpu_count()} cores")
    for column in ("jails", "start ms", "end ms", "grader MiB", "sandbox MiB", "descriptors", "processes", "files"):
        table.add_column(column, justify="right")
    starts, ends = [], []
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
            table.add_row(f"{number:,}", *times, *in_use(jail))
            starts.clear()
            ends.clear()
    Console(width=120).print(table)


def in_use(jail: warm.WarmJail) -> list[str]:
    """Memory of this process and of those below it, descriptors, processes, and files in the jails' rooms."""
    me = psutil.Process()
    below = me.children(recursive=True)
    files = sum(len(names) for _, _, names in os.walk(jail.rooms))
    memory = me.memory_full_info().uss, sum(process.memory_full_info().uss for process in below)
    descriptors = me.num_fds() + sum(process.num_fds() for process in below)
    return [*(f"{used / 2**20:.0f}" for used in memory), str(descriptors), str(len(below)), str(files)]


if __name__ == "__main__":
    main()
