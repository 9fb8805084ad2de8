"""What an attacking submission is: what is handed in, what it must not achieve, how one would see that it has."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from nbformat import NotebookNode

from autograder.grading.engine import GradedNotebook
from autograder.grading.limits import Limit, Limits
from tests.support import tiny

if TYPE_CHECKING:
    from tests.attacks.world import World

PATIENCE = Limits(cell=Limit(2, 6), test=Limit(0.5, 1.5))
JAIL = "jail"
"""Among what may be switched off: the whole jail, for an ordinary kernel."""

PRELUDE = """
import os, re, sys
W = {world!r}
def reached(*what):
    print("reached", 6 * 7, *what)
def look(where, data):
    if any(re.search(pattern.encode(), data) for pattern in W["secrets"]):
        reached(where)
def tried(attempt, *refusals):
    try:
        attempt()
    except refusals or (OSError, MemoryError, ValueError) as error:
        print("refused:", type(error).__name__, error)
    else:
        reached()
"""
"""Begins every attacker's first cell. ``reached`` is how it tells that it got what it wanted."""
REACHED = f"reached {6 * 7}"


@dataclass(frozen=True)
class Seen:
    """What came of a submission: the grading of it, or why it was refused, and the world it was graded in."""

    submission: Submission
    graded: GradedNotebook | None
    refused: str
    seconds: float
    world: World
    folder: Path

    @property
    def score(self) -> float:
        """Its points."""
        return self.graded.results.score if self.graded else 0.0

    @property
    def printed(self) -> str:
        """What its cells printed."""
        cells = self.graded.notebook.cells if self.graded else []
        return "".join(o.get("text", "") for c in cells for o in c.get("outputs", []) if o.output_type == "stream")

    @property
    def text(self) -> str:
        """Everything its author may get to read."""
        return json.dumps(self.graded.notebook) + self.graded.results.to_json() if self.graded else self.refused


def told(seen: Seen) -> bool:
    """It says so itself, or has more points than it solved."""
    return REACHED in seen.printed or seen.score > seen.submission.earns


@dataclass(frozen=True)
class Submission:
    """One attack.

    Attributes
    ----------
    must_not
        what it must not achieve, in words
    answers
        sources of its solution cells, in order; what is not given stays a stub
    handed_in
        makes of the notebook with these answers what is handed in: a notebook, JSON, or the text of the file
    beside
        puts files into the folder of the notebook
    reached
        whether it achieved that after all
    then
        the source of another student's first cell, graded after it, which says whether it was reached
    earns
        the points for what it did solve
    refused
        whether it cannot be graded at all, which one line says
    off
        protections of the jail without which it gets through, or the whole jail
    without
        switches off what stops it on the trusted side
    seconds
        how long its grading may take
    slow
        whether it waits for time limits, or says what another one says already
    """

    name: str
    must_not: str
    answers: tuple[str, ...] = ()
    handed_in: Callable[[NotebookNode], Any] = lambda nb: nb
    beside: Callable[[Path, World], None] = lambda folder, world: None
    reached: Callable[[Seen], bool] = told
    then: str = ""
    earns: float = 0.0
    refused: bool = False
    off: tuple[str, ...] = ()
    without: Callable[[pytest.MonkeyPatch], None] | None = None
    limits: Limits = PATIENCE
    seconds: float = 60.0
    slow: bool = field(default=False, kw_only=True)

    def write(self, folder: Path, world: World) -> Path:
        """Hand it in: write the notebook, and what lies beside it, into a folder."""
        answers = self.answers
        if answers:
            answers = (PRELUDE.format(world=world.known()) + answers[0], *answers[1:])
        content = self.handed_in(tiny.submission(*answers))
        path = folder / "tiny.ipynb"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        self.beside(folder, world)
        return path

    def follower(self) -> Submission:
        """The submission that is graded after it and looks for what it left."""
        return replace(self, answers=(self.then,), then="", reached=told)
