"""What an audit finds wrong with a sprint."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One problem.

    Attributes
    ----------
    where
        the file, solution, test or cell that it is about
    what
        what is wrong with it, and what to do, in one line
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"
