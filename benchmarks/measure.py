"""Seconds and peak memory of a command and everything it starts."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_S = 0.02


@dataclass(frozen=True)
class Cost:
    """One run: wall-clock seconds, and the largest sum of resident memory of its processes in MiB."""

    seconds: float
    mebibytes: float


def measure(command: list[str], cwd: Path, env: dict[str, str], accepted: tuple[int, ...] = (0,)) -> Cost:
    """Run a command to its end.

    Raises
    ------
    RuntimeError
        when its exit code is not accepted; with what it printed.
    """
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        peak, tree = 0, psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, _resident(tree))
            time.sleep(SAMPLE_S)
        seconds = time.perf_counter() - start
        assert process.stdout is not None
        said = process.stdout.read().decode(errors="replace")
    if process.returncode not in accepted:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{said[-3000:]}")
    return Cost(seconds, peak / 2**20)


def _resident(tree: psutil.Process) -> int:
    total = 0
    with suppress(psutil.Error):
        for process in (tree, *tree.children(recursive=True)):
            with suppress(psutil.Error):
                total += process.memory_info().rss
    return total


def median(runs: int, once: Callable[[], Cost]) -> Cost:
    """The medians of several runs, after one that warms the disk cache."""
    once()
    costs = [once() for _ in range(runs)]
    return Cost(statistics.median(c.seconds for c in costs), statistics.median(c.mebibytes for c in costs))
