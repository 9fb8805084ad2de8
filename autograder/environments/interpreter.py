"""The Python that a kernel runs on: the one that runs this, or that of an environment of its own."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Interpreter:
    """A Python with its packages.

    Attributes
    ----------
    executable
        what is started
    prefix
        the folder of the environment
    base_prefix
        the folder of the installation it was made from, with the standard library
    """

    executable: str
    prefix: str
    base_prefix: str

    def folders(self) -> tuple[str, str]:
        """All that is needed to run it."""
        return self.base_prefix, self.prefix


def this_python() -> Interpreter:
    """The one that runs this."""
    return Interpreter(sys.executable, sys.prefix, sys.base_prefix)
