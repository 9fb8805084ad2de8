"""Measures the seconds, CPU seconds and peak memory of a command and all its child processes."""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_S = 0.1
CPU_SAMPLE_S = 0.02
"""How often CPU times are read: what a process computes after the last reading before its end is missed."""
SHARE = 0.02
"""The share of one core that measuring memory may use: with many processes, each measurement takes long."""


@dataclass(frozen=True)
class Cost:
    """One run: wall-clock seconds, the peak memory of all its processes in MiB, and their CPU seconds.

    Shared pages are counted once. The CPU time is 0 where it was not measured.
    """

    seconds: float
    mebibytes: float
    cpu: float = 0.0


def measure(
    command: list[str], cwd: Path, env: dict[str, str], on_line: Callable[[str], None] = lambda line: None
) -> Cost:
    """Run a command to its end; ``on_line`` is called with each line as it is printed.

    Raises
    ------
    RuntimeError
        when the command fails; the message has the end of its output.
    """
    start, said = time.perf_counter(), []
    with subprocess.Popen(
        command, cwd=cwd, env=env, text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        watch, clock = _Watch(process.pid), _Clock(process.pid)
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            on_line(line)
        process.wait()
        seconds = time.perf_counter() - start
        peak, cpu = watch.stop(), clock.stop()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{''.join(said)[-3000:]}")
    return Cost(seconds, peak / 2**20, cpu)


class _Watch(threading.Thread):
    """Records the largest total memory (PSS) of a process and its children."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._tree, self._peak, self._end = psutil.Process(pid), 0, threading.Event()
        self.start()

    def run(self) -> None:
        pause = SAMPLE_S
        while not self._end.wait(pause):
            start = time.perf_counter()
            self._peak = max(self._peak, _resident(self._tree))
            pause = max(SAMPLE_S, (time.perf_counter() - start) / SHARE)

    def stop(self) -> int:
        self._end.set()
        self.join()
        return self._peak


class _Clock(threading.Thread):
    """Adds up the CPU seconds of a process and its children, of those too that are killed: nobody waits for them."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._ticks, self._end = pid, dict[int, int](), threading.Event()
        self.start()

    def run(self) -> None:
        while not self._end.wait(CPU_SAMPLE_S):
            self._read(self._pid)

    def stop(self) -> float:
        self._end.set()
        self.join()
        return sum(self._ticks.values()) / os.sysconf("SC_CLK_TCK")

    def _read(self, pid: int) -> None:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            self._ticks[pid] = int(fields[11]) + int(fields[12])
            for task in os.listdir(f"/proc/{pid}/task"):
                for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split():
                    self._read(int(child))


def _resident(tree: psutil.Process) -> int:
    total = 0
    with suppress(psutil.Error):
        for process in (tree, *tree.children(recursive=True)):
            with suppress(psutil.Error):
                total += process.memory_full_info().pss
    return total


def peak_mib(process: int) -> float:
    """The largest resident size that a process ever had, from the system; 0 when it has just ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def median(runs: int, once: Callable[[], Cost]) -> Cost:
    """The medians of several runs, after a first one that warms the disk cache."""
    once()
    costs = [once() for _ in range(runs)]
    columns = zip(*((c.seconds, c.mebibytes, c.cpu) for c in costs), strict=True)
    return Cost(*(statistics.median(column) for column in columns))
