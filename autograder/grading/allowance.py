"""What one submission may take in all: its cells, its tests, every replay, the clean room, all waiting.

No submission holds a worker. Each kernel of a submission comes from its allowance, and each wait for one of these
kernels ends with it at the latest. What has not run by then is a timeout.
"""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

from autograder.errors import NotRun, PlatformFault
from autograder.grading.limits import Limit
from autograder.jail.kernel import Kernel, KernelSource

COST = "cost.toml"
"""Beside a sprint's hidden tests: what grading its reference takes, as ``cpu_s`` and ``wall_s``."""
TIMES = 20
"""How many times as much as the reference a submission may take."""
MOST_QUEUED = 2
"""How many times the wall-clock limit may be left out because others had the processors."""
LEAST = Limit(90, 90)
"""The least that a submission may take."""


def allowed(graders: Path) -> Limit:
    """What a submission may take: :data:`TIMES` times what the sprint's reference takes, and at least :data:`LEAST`.

    ``graders``: the folder of the sprint's hidden tests. Without a :data:`COST` there, it is :data:`LEAST`.

    Raises
    ------
    PlatformFault
        when that file does not hold two numbers.
    """
    path = graders / COST
    if not path.is_file():
        return LEAST
    try:
        cost = tomllib.loads(path.read_text(encoding="utf-8"))
        cpu_s, wall_s = float(cost["cpu_s"]), float(cost["wall_s"])
    except (ValueError, KeyError, TypeError) as error:
        raise PlatformFault(f"{path}: it must hold cpu_s and wall_s, in seconds ({error})") from error
    return Limit(max(LEAST.cpu_s, TIMES * cpu_s), max(LEAST.wall_s, TIMES * wall_s))


class Allowance:
    """The time that is left to one submission. The wall clock runs from the start of its first kernel.

    Time in which a kernel waits for a processor that others have does not count, so that a busy machine changes no
    score. At most :data:`MOST_QUEUED` times the wall-clock limit is left out in this way.
    """

    def __init__(self, limit: Limit = LEAST) -> None:
        self.limit = limit
        self._ended_cpu_s = self._ended_queued_s = 0.0
        self._kernels: list[Kernel] = []
        self._started: float | None = None

    def counted(self, source: KernelSource) -> KernelSource:
        """The source, with its kernels counted. When the allowance is used up, it starts none.

        The source then raises :class:`~autograder.errors.NotRun`.
        """

        def start(files: Path | None) -> Kernel:
            self.require()
            ended = [kernel for kernel in self._kernels if not kernel.alive()]
            self._ended_cpu_s += sum(kernel.cpu_seconds() for kernel in ended)
            self._ended_queued_s += sum(kernel.queued_seconds() for kernel in ended)
            self._kernels = [kernel for kernel in self._kernels if kernel not in ended]
            kernel = source(files)
            if self._started is None:
                self._started = time.monotonic()
            self._kernels.append(kernel)
            return kernel

        return start

    def cpu_seconds(self) -> float:
        """CPU time of all its kernels so far, in seconds."""
        return self._ended_cpu_s + sum(kernel.cpu_seconds() for kernel in self._kernels)

    def wall_seconds(self) -> float:
        """Wall-clock seconds since its first kernel started, without those in which a kernel waited for a processor."""
        if self._started is None:
            return 0.0
        queued = self._ended_queued_s + sum(kernel.queued_seconds() for kernel in self._kernels)
        return time.monotonic() - self._started - min(queued, MOST_QUEUED * self.limit.wall_s)

    def exceeded(self) -> str | None:
        """What is used up, in words, or None."""
        if self.wall_seconds() > self.limit.wall_s:
            return f"{self.limit.wall_s:g} s, all that one submission may take"
        if self.cpu_seconds() > self.limit.cpu_s:
            return f"{self.limit.cpu_s:g} s of CPU time, all that one submission may take"
        return None

    def require(self) -> None:
        """Check that something is left.

        Raises
        ------
        NotRun
            when nothing is.
        """
        used_up = self.exceeded()
        if used_up is not None:
            raise NotRun(f"the notebook had used up {used_up}")
