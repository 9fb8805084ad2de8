"""What an audit has to say against a sprint."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes
    ----------
    where
        the file, or the solution, that it is about
    what
        what is wrong with it, and what to do, in one line
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"
