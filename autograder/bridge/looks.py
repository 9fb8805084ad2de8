"""Who needs a look: what is wrong with one student's files is one line at the end, and the class goes on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.notebook.names import shown


@dataclass(frozen=True)
class Look:
    """One student's line: who, what is wrong, and what to do about it."""

    who: str
    what: str
    to_do: str = ""

    def __str__(self) -> str:
        return f"{self.who}: {self.what}" + (f"; {self.to_do}" if self.to_do else "")


class Looks:
    """The lines of one command, in the order in which they were found; each is kept once."""

    def __init__(self) -> None:
        self._found: dict[Look, None] = {}

    def add(self, who: str, what: str, to_do: str = "") -> None:
        """Add a line; ``who`` and ``what`` may hold names that a student chose."""
        self._found[Look(shown(who), " ".join(what.split())[:400], to_do)] = None

    def __iter__(self) -> Iterator[Look]:
        return iter(self._found)

    def tell(self, log: logging.Logger) -> None:
        """Log the lines, as the last thing that a command says."""
        if self._found:
            log.warning("who needs a look (%d); everybody else is done:", len(self._found))
        for look in self._found:
            log.warning("  %s", look)
