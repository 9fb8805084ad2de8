"""How a test ended."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """The eight ways a test can end. The value is also the word used in results.json and in every report."""

    PASSED = "passed"
    FAILED = "failed"
    """A property does not hold."""
    ERROR = "error"
    """The student's code raised."""
    TIMEOUT = "timeout"
    """The student's code was stopped at its limit."""
    CRASHED = "crashed"
    """The student's process ended."""
    SKIPPED = "skipped"
    """It failed, and could only fail, because of something else in the notebook that is named as the cause."""
    PENDING = "pending"
    """The test needs hardware that this machine lacks."""
    BROKEN = "broken"
    """The platform, the grader or the machine failed."""

    @property
    def final(self) -> bool:
        """Whether the result is final: only another submission or other graders can change it."""
        return self not in (Outcome.PENDING, Outcome.BROKEN)

    @property
    def students_fault(self) -> bool:
        """Whether the result means that the solution is wrong."""
        return self.final and self is not Outcome.PASSED
