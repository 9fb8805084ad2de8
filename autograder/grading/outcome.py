"""How a test ended."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """The seven ends of a test. A value is also its word in results.json and in every report."""

    PASSED = "passed"
    FAILED = "failed"
    """A property does not hold."""
    ERROR = "error"
    """The student's code raised."""
    TIMEOUT = "timeout"
    """The student's code was stopped at its limit."""
    CRASHED = "crashed"
    """The student's process ended."""
    PENDING = "pending"
    """The test needs hardware that is not here."""
    BROKEN = "broken"
    """The platform, the grader or the machine failed."""

    @property
    def final(self) -> bool:
        """Whether the test is decided: nothing but another submission or other graders changes it."""
        return self not in (Outcome.PENDING, Outcome.BROKEN)

    @property
    def students_fault(self) -> bool:
        """Whether the test says that the solution is wrong."""
        return self.final and self is not Outcome.PASSED
