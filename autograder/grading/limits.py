"""Limits on the CPU time and the wall-clock time of a student's code.

The budget is CPU time, so that a busy machine does not change scores. The wall-clock limit is generous; it stops code
that waits. Code that waits without computing anything at all is stopped earlier, at the idle limit.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

IDLE_S = 20.0


@dataclass(frozen=True)
class Limit:
    """How much time code may use, in seconds.

    Attributes
    ----------
    cpu_s
        CPU time
    wall_s
        wall-clock time after which it is stopped in any case
    idle_s
        wall-clock time in which it may wait without computing anything
    """

    cpu_s: float
    wall_s: float
    idle_s: float = IDLE_S

    @classmethod
    def of_cpu(cls, cpu_s: float) -> Limit:
        """A limit with the usual wall-clock time: ten times the CPU time plus 30 seconds."""
        return cls(cpu_s, 10 * cpu_s + 30)

    def times(self, factor: float) -> Limit:
        """A limit of ``factor`` times the CPU time and the wall-clock time. Waiting gets no longer."""
        return replace(self, cpu_s=factor * self.cpu_s, wall_s=factor * self.wall_s)


@dataclass(frozen=True)
class Limits:
    """The limits for each part of a grading run.

    Attributes
    ----------
    submission
        for everything together; None for what :func:`~autograder.grading.allowance.allowed` gives the sprint
    output_bytes, notebook_output_bytes
        how much output a cell and the whole notebook may write, in bytes of the kernel's messages
    """

    submission: Limit | None = None
    cell: Limit = field(default_factory=lambda: Limit.of_cpu(30))
    test: Limit = field(default_factory=lambda: Limit.of_cpu(3))
    output_bytes: int = 1 << 20
    notebook_output_bytes: int = 4 << 20
