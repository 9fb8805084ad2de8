"""results.json: what a grading run says, as data (schema 1)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from autograder.errors import BadInput
from autograder.grading.outcome import Outcome
from autograder.notebook.files import write_whole

SCHEMA = 1
WRITTEN = "written_answer"
"""The kind of a cell in results.json whose points a person gives."""
_ROW = "graded_by_hand"
"""What a written answer's row is called, after the name of its cell."""

Status = Literal["graded", "pending", "broken"]


@dataclass(frozen=True)
class TestResult:
    """One test. ``duration_s``: wall-clock seconds."""

    __test__ = False  # not a class of tests, whatever its name

    name: str
    title: str
    outcome: Outcome
    points: float
    max_points: float
    message: str = ""
    duration_s: float = 0.0

    def __post_init__(self) -> None:
        """Take an outcome's word for the outcome, as results.json has it."""
        object.__setattr__(self, "outcome", Outcome(self.outcome))


@dataclass(frozen=True)
class CellResult:
    """One grade cell and its tests, in the order in which they ran."""

    id: str
    max_points: float
    tests: Sequence[TestResult] = field(default_factory=list)

    by_hand = False

    @property
    def points(self) -> float:
        """What the passed tests give."""
        return sum(test.points for test in self.tests)

    @property
    def rows(self) -> Sequence[TestResult]:
        """What a report shows: the tests."""
        return self.tests

    @property
    def status(self) -> Status:
        """``broken`` before ``pending`` before ``graded``. A cell of which no test ran is broken, never free."""
        outcomes = {test.outcome for test in self.tests}
        if Outcome.BROKEN in outcomes or not outcomes:
            return "broken"
        return "pending" if Outcome.PENDING in outcomes else "graded"


@dataclass(frozen=True)
class WrittenAnswer:
    """An answer that a person grades. ``answered``: whether anything was written; if not, it is 0 and final."""

    id: str
    max_points: float
    answered: bool

    by_hand = True
    points = 0.0
    tests: Sequence[TestResult] = field(default=(), init=False)

    @property
    def status(self) -> Status:
        """``pending`` as far as the platform knows: the person's points stand in the gradebook."""
        return "pending" if self.answered else "graded"

    @property
    def rows(self) -> Sequence[TestResult]:
        """What a report shows: one row that says who gives the points."""
        outcome = Outcome.PENDING if self.answered else Outcome.FAILED
        message = (
            "Waiting for a person: these points are given by hand, in the formgrader."
            if self.answered
            else "Nothing was written here."
        )
        title = "A person reads this answer and gives the points"
        return [TestResult(f"{self.id}::{_ROW}", title, outcome, 0.0, self.max_points, message)]


Cell = CellResult | WrittenAnswer


@dataclass(frozen=True)
class Results:
    """One submission. ``graded_with``: the platform's code and the hidden tests, as digests."""

    sprint: str
    notebook: str
    cells: list[Cell]
    graded_with: str = ""

    @property
    def score(self) -> float:
        """Points of all cells."""
        return sum(cell.points for cell in self.cells)

    @property
    def max_score(self) -> float:
        """What all cells are worth."""
        return sum(cell.max_points for cell in self.cells)

    @property
    def status(self) -> Status:
        """The worst of the cells'."""
        statuses = {cell.status for cell in self.cells}
        for status in ("broken", "pending"):
            if status in statuses:
                return status
        return "graded" if statuses else "broken"

    @property
    def waiting(self) -> bool:
        """Whether any test waits for hardware."""
        return any(test.outcome is Outcome.PENDING for cell in self.cells for test in cell.tests)

    @property
    def to_read(self) -> list[WrittenAnswer]:
        """The answers that wait for a person."""
        return [cell for cell in self.cells if isinstance(cell, WrittenAnswer) and cell.answered]

    def merged(self, later: Results) -> Results:
        """These results, in which the tests of a later run take the place of the same tests."""
        new = {(cell.id, test.name): test for cell in later.cells for test in cell.tests}
        cells: list[Cell] = [
            replace(c, tests=[new.get((c.id, t.name), t) for t in c.tests]) if isinstance(c, CellResult) else c
            for c in self.cells
        ]
        return replace(self, cells=cells)

    def as_dict(self) -> dict[str, Any]:
        """The document that results.json holds."""
        head = {"schema": SCHEMA, "sprint": self.sprint, "notebook": self.notebook, "graded_with": self.graded_with}
        cells = [
            {"id": c.id, "points": c.points, "max_points": c.max_points, "status": c.status}
            | ({"kind": WRITTEN} if c.by_hand else {})
            | {"tests": [dict(vars(t)) for t in c.rows]}
            for c in self.cells
        ]
        return head | {"score": self.score, "max_score": self.max_score, "status": self.status, "cells": cells}

    def to_json(self) -> str:
        """The document as text."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Results:
        """The results a document describes; scores and statuses are computed anew.

        Raises
        ------
        BadInput
            when it is not such a document.
        """
        try:
            document = json.loads(text)
            if document["schema"] != SCHEMA:
                raise BadInput(f"results of schema {document['schema']} cannot be read, only schema {SCHEMA}")
            cells = [_cell(cell) for cell in document["cells"]]
            return cls(document["sprint"], document["notebook"], cells, str(document.get("graded_with", "")))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise BadInput(f"this is not a results.json: {error}") from None

    def write(self, path: Path) -> None:
        """Write results.json whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, self.to_json())


def _cell(said: Mapping[str, Any]) -> Cell:
    """One cell of the document. Before cells had kinds, a written answer was known by its row's name."""
    tests = [TestResult(**test) for test in said["tests"]]
    if said.get("kind") == WRITTEN or [test.name for test in tests] == [f"{said['id']}::{_ROW}"]:
        return WrittenAnswer(said["id"], said["max_points"], answered=tests[0].outcome is Outcome.PENDING)
    return CellResult(said["id"], said["max_points"], tests)


def read_results(path: Path, sprint: str) -> Results:
    """The results of a sprint in a file.

    Raises
    ------
    BadInput
        when it cannot be read, or is of another sprint.
    """
    try:
        found = Results.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, BadInput) as error:
        raise BadInput(f"{path}: {error}") from None
    if found.sprint != sprint:
        raise BadInput(f"{path}: these are results of '{found.sprint}', not of '{sprint}'")
    return found
