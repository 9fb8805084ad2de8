"""Limits on the CPU time and the wall-clock time of a student's code.

The budget is CPU time, so that a busy machine does not change scores. The wall-clock limit is generous; it stops code
that sleeps or waits.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from types import TracebackType

from autograder.jail.kernel import Kernel

POLL_S = 0.05
GRACE_S = 2.0
"""Wall-clock seconds an interrupted kernel has to respond before it is killed."""


@dataclass(frozen=True)
class Limit:
    """The CPU seconds that code may use, and the wall-clock seconds after which it is stopped in any case."""

    cpu_s: float
    wall_s: float

    @classmethod
    def of_cpu(cls, cpu_s: float) -> Limit:
        """A limit with the usual wall-clock time: ten times the CPU time plus 30 seconds."""
        return cls(cpu_s, 10 * cpu_s + 30)


@dataclass(frozen=True)
class Limits:
    """The limits for each part of a grading run."""

    notebook: Limit = field(default_factory=lambda: Limit.of_cpu(180))
    cell: Limit = field(default_factory=lambda: Limit.of_cpu(30))
    test: Limit = field(default_factory=lambda: Limit.of_cpu(3))
    output_bytes: int = 1 << 20


class Budget:
    """One limit for one kernel. The time counts from the creation of this object."""

    def __init__(self, kernel: Kernel, limit: Limit) -> None:
        self._kernel = kernel
        self._limit = limit
        self._cpu_end = kernel.cpu_seconds() + limit.cpu_s
        self._wall_end = time.monotonic() + limit.wall_s

    def exceeded(self) -> str | None:
        """The limit that is used up, in words, or None."""
        if self._kernel.cpu_seconds() > self._cpu_end:
            return f"{self._limit.cpu_s:g} s of CPU time"
        if time.monotonic() > self._wall_end:
            return f"{self._limit.wall_s:g} s"
        return None


class Watchdog:
    """Enforces a limit from a thread while the caller waits for a cell: it interrupts the kernel, then kills it.

    Only cells that take longer than :data:`POLL_S` need the thread; the caller then calls :meth:`start`.

    Attributes
    ----------
    exceeded
        the limit that was used up, in words, or None
    killed
        whether the kernel did not respond to the interrupt and was killed
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
        """Start to watch. Watching stops when the ``with`` block is left."""
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
