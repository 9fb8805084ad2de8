"""What a fork of a process with TensorFlow and torch costs after many graphs have been made in it.

``python benchmarks/forks.py [--graphs 0,500,2000]`` makes graph functions in TensorFlow and small networks in torch,
uses each once, and prints the memory of the process, the median time of a fork whose child ends at once, and the
private memory of a child that only collects garbage, without gc.freeze in the parent and with it.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import time

import psutil
from rich.console import Console
from rich.progress import track
from rich.table import Table

FORKS = 20


def main() -> None:
    """Make graphs up to each number, and measure there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphs", default="0,500,2000", help="rising numbers, with commas")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    table = Table(title=f"forks of a process with TensorFlow and torch, on {os.cpu_count()} cores")
    for column in ("graphs", "MiB", "threads", "objects", "fork ms", "child's MiB after gc", "with gc.freeze"):
        table.add_column(column, justify="right")
    kept: list[object] = []
    for count in map(int, options.graphs.split(",")):
        make(kept, count)
        me = psutil.Process()
        size = me.memory_info().rss / 2**20
        times = [fork()[0] for _ in range(FORKS)]
        private = statistics.median(fork(collect=True)[1] for _ in range(3))
        gc.freeze()
        frozen = statistics.median(fork(collect=True)[1] for _ in range(3))
        gc.unfreeze()
        objects = len(gc.get_objects())
        table.add_row(
            f"{count:,}", f"{size:.0f}", str(me.num_threads()), f"{objects:,}", f"{1e3 * statistics.median(times):.1f}",
            f"{private:.0f}", f"{frozen:.0f}",
        )  # fmt: skip
    Console(width=110).print(table)


def make(kept: list[object], count: int) -> None:
    """Make graphs until there are so many, and use each once."""
    import tensorflow as tf
    import torch

    for number in track(range(len(kept), count), f"graphs up to {count:,}", disable=count == len(kept)):
        weight = tf.Variable(tf.ones([8, 8]))
        function = tf.function(lambda x, w=weight: tf.nn.relu(x @ w), autograph=False)
        function(tf.ones([2, 8]))
        network = torch.nn.Linear(8, 8)
        network(torch.ones(2, 8)).sum().backward()
        kept.append((number, weight, function, network))


def fork(collect: bool = False) -> tuple[float, float]:
    """The seconds of a fork and of waiting for its end, and the child's private memory in MiB, if it is to collect."""
    sys.stdout.flush()
    read, write = os.pipe()
    start = time.perf_counter()
    child = os.fork()
    if not child:
        if collect:
            gc.collect()
            os.write(write, str(psutil.Process().memory_full_info().uss / 2**20).encode())
        os._exit(0)
    os.close(write)
    said = os.read(read, 100)
    os.close(read)
    os.waitpid(child, 0)
    return time.perf_counter() - start, float(said or 0)


if __name__ == "__main__":
    main()
