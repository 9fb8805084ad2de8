"""How long a process, with all that it started, has computed; how long it waited for a processor. From /proc."""

from __future__ import annotations

import contextlib
import os

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def tree_ticks(pid: int, *, own: bool) -> int | None:
    """Clock ticks of a process and its descendants, including ended ones that were waited for; None if it is gone.

    ``own``: whether the process itself counts.
    """
    try:
        fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
        total = sum(map(int, fields[11 if own else 13 : 15]))
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):  # the thread has just ended, or Linux was built without this list
                for child in _read(f"/proc/{pid}/task/{task}/children").split():
                    total += tree_ticks(int(child), own=True) or 0
    except (OSError, ValueError, IndexError):
        return None
    return total


def queued_seconds(pid: int) -> float:
    """How long a process's main thread was ready to run while others had the processors; 0 if that is not known.

    It is the second field of Linux's /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst), in nanoseconds.
    """
    try:
        return int(_read(f"/proc/{pid}/schedstat").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _read(path: str) -> bytes:
    """The content of a small file in /proc. It skips the overhead of ``open``, since every cell and test calls it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 1 << 16)
    finally:
        os.close(descriptor)
