"""Limits: how much CPU time, and at the most how much wall-clock time, a student's code may take.

The budget is CPU time, so that a loaded machine changes no score; the wall-clock bound is generous and stops code that
sleeps or waits.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from types import TracebackType

from autograder.jail.kernel import Kernel

POLL_S = 0.05
GRACE_S = 2.0
"""Wall-clock seconds an interrupted kernel has to come to itself before it is killed."""


@dataclass(frozen=True)
class Limit:
    """CPU seconds, and the wall-clock seconds after which waiting ends whatever the CPU time."""

    cpu_s: float
    wall_s: float

    @classmethod
    def of_cpu(cls, cpu_s: float) -> Limit:
        """A limit with the usual wall-clock bound: ten times the CPU time and half a minute."""
        return cls(cpu_s, 10 * cpu_s + 30)


@dataclass(frozen=True)
class Limits:
    """What each part of a grading run may take."""

    notebook: Limit = field(default_factory=lambda: Limit.of_cpu(180))
    cell: Limit = field(default_factory=lambda: Limit.of_cpu(30))
    test: Limit = field(default_factory=lambda: Limit.of_cpu(3))
    output_bytes: int = 1 << 20


class Budget:
    """One limit, running from now on for one kernel."""

    def __init__(self, kernel: Kernel, limit: Limit) -> None:
        self._kernel = kernel
        self._limit = limit
        self._cpu_end = kernel.cpu_seconds() + limit.cpu_s
        self._wall_end = time.monotonic() + limit.wall_s

    def exceeded(self) -> str | None:
        """Which limit is used up, in words, or None."""
        if self._kernel.cpu_seconds() > self._cpu_end:
            return f"{self._limit.cpu_s:g} s of CPU time"
        if time.monotonic() > self._wall_end:
            return f"{self._limit.wall_s:g} s"
        return None


class Watchdog:
    """Enforces a limit from a thread while the caller waits for a cell: first SIGINT, then the end of the kernel.

    The thread is for cells that take longer than :data:`POLL_S`: who waits calls :meth:`start` then.

    Attributes
    ----------
    exceeded
        the limit that was used up, in words, or None
    killed
        whether the kernel did not come to itself and was ended
    """

    def __init__(self, kernel: Kernel, limit: Limit) -> None:
        self._kernel = kernel
        self._budget = Budget(kernel, limit)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self.exceeded: str | None = None
        self.killed = False

    def __enter__(self) -> Watchdog:
        return self

    def start(self) -> None:
        """Watch from now on, until the ``with`` block is left."""
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _watch(self) -> None:
        while True:
            self.exceeded = self._budget.exceeded()
            if self.exceeded:
                self._kernel.interrupt()
                if not self._done.wait(GRACE_S):
                    self.killed = True
                    self._kernel.terminate()
                return
            if self._done.wait(POLL_S):
                return
