"""The Python that a kernel runs on: the one that runs this code, or that of a separate environment."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Interpreter:
    """A Python interpreter with its packages.

    Attributes
    ----------
    executable
        the program to start
    prefix
        the folder of the environment
    base_prefix
        the folder of the installation that the environment was created from, with the standard library
    """

    executable: str
    prefix: str
    base_prefix: str

    def folders(self) -> tuple[str, str]:
        """The folders that are needed to run it."""
        return self.base_prefix, self.prefix


def this_python() -> Interpreter:
    """The Python that runs this code."""
    return Interpreter(sys.executable, sys.prefix, sys.base_prefix)
