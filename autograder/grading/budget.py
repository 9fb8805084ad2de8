"""Enforces limits while a kernel is waited for. Each budget ends with the submission's allowance at the latest."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from autograder.grading.allowance import Allowance
from autograder.grading.limits import Limit
from autograder.jail.kernel import Kernel

POLL_S = 0.05
GRACE_S = 2.0
"""Wall-clock seconds an interrupted kernel has to respond before it is killed."""
IDLE_CPU_S = 0.01
"""A kernel that uses no more CPU time than this during the idle limit computes nothing: waking up does not count."""


class Budget:
    """One limit for one kernel, within the submission's allowance. The time counts from the creation of this object."""

    def __init__(self, kernel: Kernel, limit: Limit, allowance: Allowance) -> None:
        self._kernel = kernel
        self._limit = limit
        self._allowance = allowance
        self._moved_cpu_s = kernel.cpu_seconds()
        self._moved_at = time.monotonic()
        self._cpu_end = self._moved_cpu_s + limit.cpu_s
        self._wall_end = self._moved_at + limit.wall_s

    def wait(self) -> None:
        """Say that the kernel is waited for from now on. Before, it had nothing to do and was not idle."""
        self._moved_at = time.monotonic()

    def exceeded(self) -> str | None:
        """The limit that is used up, in words, or None."""
        cpu, now = self._kernel.cpu_seconds(), time.monotonic()
        if cpu > self._cpu_end:
            return f"{self._limit.cpu_s:g} s of CPU time"
        if now > self._wall_end:
            return f"{self._limit.wall_s:g} s"
        if cpu > self._moved_cpu_s + IDLE_CPU_S:
            self._moved_cpu_s, self._moved_at = cpu, now
        elif now > self._moved_at + self._limit.idle_s:
            return f"{self._limit.idle_s:g} s in which it computed nothing"
        return self._allowance.exceeded()


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

    def __init__(self, kernel: Kernel, limit: Limit, allowance: Allowance) -> None:
        self._kernel = kernel
        self._budget = Budget(kernel, limit, allowance)
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
