"""A clock that tests set, for limits of wall-clock time: on a busy machine a sleep takes as long as it likes."""

from __future__ import annotations


class Clock:
    """Takes the place of the module ``time`` in a module that asks for the time only."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
