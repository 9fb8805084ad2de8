"""results.json: what a grading run says, as data (schema 1)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from autograder.errors import BadInput

SCHEMA = 1
BY_HAND = "graded_by_hand"
"""What stands for a test in the results of an answer that a person grades, after the name of its cell."""

Outcome = Literal["passed", "failed", "error", "timeout", "crashed", "pending", "broken"]
Status = Literal["graded", "pending", "broken"]


@dataclass(frozen=True)
class TestResult:
    """One test.

    ``error`` means the student's code raised, ``pending`` that it needs hardware or a person, ``broken`` our fault.
    """

    __test__ = False  # not a class of tests, whatever its name

    name: str
    title: str
    outcome: Outcome
    points: float
    max_points: float
    message: str = ""
    duration_s: float = 0.0

    @property
    def by_hand(self) -> bool:
        """Whether it is no test at all: a person decides."""
        return self.name.endswith(f"::{BY_HAND}")


@dataclass(frozen=True)
class CellResult:
    """One grade cell and its tests, in the order in which they ran."""

    id: str
    max_points: float
    tests: list[TestResult] = field(default_factory=list)

    @property
    def points(self) -> float:
        """What the passed tests give."""
        return sum(test.points for test in self.tests)

    @property
    def by_hand(self) -> bool:
        """Whether a person gives its points."""
        return any(test.by_hand for test in self.tests)

    @property
    def status(self) -> Status:
        """``broken`` before ``pending`` before ``graded``. A cell of which no test ran is broken, never free."""
        outcomes = {test.outcome for test in self.tests}
        if "broken" in outcomes or not outcomes:
            return "broken"
        return "pending" if "pending" in outcomes else "graded"


@dataclass(frozen=True)
class Results:
    """One submission."""

    sprint: str
    notebook: str
    cells: list[CellResult]

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
        return any(test.outcome == "pending" and not test.by_hand for cell in self.cells for test in cell.tests)

    @property
    def to_read(self) -> list[CellResult]:
        """The answers that wait for a person."""
        return [cell for cell in self.cells if cell.by_hand and cell.status == "pending"]

    def merged(self, later: Results) -> Results:
        """These results, in which the tests of a later run take the place of the same tests."""
        new = {(cell.id, test.name): test for cell in later.cells for test in cell.tests}
        cells = [replace(c, tests=[new.get((c.id, t.name), t) for t in c.tests]) for c in self.cells]
        return replace(self, cells=cells)

    def as_dict(self) -> dict[str, Any]:
        """The document that results.json holds."""
        head = {"schema": SCHEMA, "sprint": self.sprint, "notebook": self.notebook}
        cells = [
            {"id": c.id, "points": c.points, "max_points": c.max_points, "status": c.status,
             "tests": [dict(vars(t)) for t in c.tests]}
            for c in self.cells
        ]  # fmt: skip
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
            cells = [
                CellResult(c["id"], c["max_points"], [TestResult(**t) for t in c["tests"]]) for c in document["cells"]
            ]
            return cls(document["sprint"], document["notebook"], cells)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BadInput(f"this is not a results.json: {error}") from None

    def write(self, path: Path) -> None:
        """Write results.json whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(path.name + ".part")
        draft.write_text(self.to_json(), encoding="utf-8")
        draft.replace(path)


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
