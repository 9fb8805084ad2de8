"""results.json: the results of a grading run as data (schema 1)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from autograder.errors import BadInput
from autograder.grading.causes import Cause
from autograder.grading.outcome import Outcome
from autograder.grading.shown import ShownExample
from autograder.json_text import indented
from autograder.notebook.files import write_whole

SCHEMA = 1
WRITTEN = "written_answer"
"""The ``kind`` in results.json of a cell whose points a person decides."""
_ROW = "graded_by_hand"
"""The name of a written answer's row, after the name of its cell."""

Status = Literal["graded", "pending", "broken"]


@dataclass(frozen=True)
class TestResult:
    """One test. ``duration_s``: wall-clock seconds. ``example``: its public example, if that was run."""

    __test__ = False  # tells pytest that this is not a class of tests

    name: str
    title: str
    outcome: Outcome
    points: float
    max_points: float
    message: str = ""
    duration_s: float = 0.0
    example: ShownExample | None = None

    def __post_init__(self) -> None:
        """Convert the outcome from its word in results.json."""
        object.__setattr__(self, "outcome", Outcome(self.outcome))


@dataclass(frozen=True)
class CellResult:
    """One grade cell and its tests, in the order in which they ran. ``cause``: why tests were skipped, in words."""

    id: str
    max_points: float
    tests: Sequence[TestResult] = field(default_factory=list)
    cause: str = ""

    by_hand = False

    @property
    def points(self) -> float:
        """The points of the passed tests."""
        return sum(test.points for test in self.tests)

    @property
    def rows(self) -> Sequence[TestResult]:
        """The rows of a report: the tests."""
        return self.tests

    @property
    def status(self) -> Status:
        """``broken`` if any test is or there is none, else ``pending`` if any test is, else ``graded``."""
        outcomes = {test.outcome for test in self.tests}
        if Outcome.BROKEN in outcomes or not outcomes:
            return "broken"
        return "pending" if Outcome.PENDING in outcomes else "graded"


@dataclass(frozen=True)
class WrittenAnswer:
    """An answer that a person grades. ``answered``: whether anything was written; if not, it gets 0 and is final."""

    id: str
    max_points: float
    answered: bool

    by_hand = True
    points = 0.0
    cause = ""
    tests: Sequence[TestResult] = field(default=(), init=False)

    @property
    def status(self) -> Status:
        """``pending`` if anything was written: the platform does not see the points, which are in the gradebook."""
        return "pending" if self.answered else "graded"

    @property
    def rows(self) -> Sequence[TestResult]:
        """The rows of a report: one row, which says that a person gives the points."""
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
    """The results of one submission.

    Attributes
    ----------
    graded_with
        digests of the platform's code and the hidden tests
    causes
        what has to be mended first: cells that failed, and what made tests be skipped
    """

    sprint: str
    notebook: str
    cells: list[Cell]
    graded_with: str = ""
    causes: Sequence[Cause] = ()

    @property
    def score(self) -> float:
        """The points of all cells."""
        return sum(cell.points for cell in self.cells)

    @property
    def max_score(self) -> float:
        """The maximum points of all cells."""
        return sum(cell.max_points for cell in self.cells)

    @property
    def status(self) -> Status:
        """The worst status of the cells."""
        statuses = {cell.status for cell in self.cells}
        for status in ("broken", "pending"):
            if status in statuses:
                return status
        return "graded" if statuses else "broken"

    @property
    def tests(self) -> Iterator[TestResult]:
        """The tests of all cells, in the order of the notebook."""
        return (test for cell in self.cells for test in cell.tests)

    @property
    def waiting(self) -> bool:
        """Whether any test waits for hardware."""
        return any(test.outcome is Outcome.PENDING for test in self.tests)

    @property
    def to_read(self) -> list[WrittenAnswer]:
        """The answers that a person still has to read, as far as the platform knows."""
        return [cell for cell in self.cells if isinstance(cell, WrittenAnswer) and cell.answered]

    def merged(self, later: Results) -> Results:
        """These results, with the tests that ran again in ``later`` replaced."""
        new = {(cell.id, test.name): test for cell in later.cells for test in cell.tests}
        cells: list[Cell] = [
            replace(c, tests=[new.get((c.id, t.name), t) for t in c.tests]) if isinstance(c, CellResult) else c
            for c in self.cells
        ]
        return replace(self, cells=cells)

    def with_examples(self, shown: Mapping[str, ShownExample]) -> Results:
        """These results with examples, by the name of the test; the messages of tests that failed have them too."""
        cells: list[Cell] = [
            replace(c, tests=[_with_example(t, shown.get(t.name)) for t in c.tests]) if isinstance(c, CellResult) else c
            for c in self.cells
        ]
        return replace(self, cells=cells)

    def as_dict(self) -> dict[str, Any]:
        """The content of results.json."""
        head: dict[str, Any] = {
            "schema": SCHEMA,
            "sprint": self.sprint,
            "notebook": self.notebook,
            "graded_with": self.graded_with,
        }
        cells = [
            {"id": c.id, "points": c.points, "max_points": c.max_points, "status": c.status}
            | ({"kind": WRITTEN} if c.by_hand else {})
            | ({"cause": c.cause} if c.cause else {})
            | ({"examples": examples} if (examples := {t.name: vars(t.example) for t in c.rows if t.example}) else {})
            | {"tests": [{name: v for name, v in vars(t).items() if name != "example"} for t in c.rows]}
            for c in self.cells
        ]
        if self.causes:
            head["causes"] = [dict(vars(cause)) for cause in self.causes]
        return head | {"score": self.score, "max_score": self.max_score, "status": self.status, "cells": cells}

    def to_json(self) -> str:
        """The content of results.json as text."""
        return indented(self.as_dict()) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Results:
        """The results in the text of a results.json. Scores and statuses are computed again.

        Raises
        ------
        BadInput
            when the text is not a results.json of this schema.
        """
        try:
            document = json.loads(text)
            if document["schema"] != SCHEMA:
                raise BadInput(f"results of schema {document['schema']} cannot be read, only schema {SCHEMA}")
            cells = [_cell(cell) for cell in document["cells"]]
            causes = tuple(Cause.read(cause) for cause in document.get("causes", ()))
            return cls(document["sprint"], document["notebook"], cells, str(document.get("graded_with", "")), causes)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise BadInput(f"this is not a results.json: {error}") from None

    def write(self, path: Path) -> None:
        """Write results.json completely or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, self.to_json())


def _cell(said: Mapping[str, Any]) -> Cell:
    """One cell of results.json. In files from before cells had kinds, the row's name shows a written answer."""
    examples = {name: ShownExample.read(shown) for name, shown in said.get("examples", {}).items()}
    tests = [TestResult(**test, example=examples.get(test["name"])) for test in said["tests"]]
    if said.get("kind") == WRITTEN or [test.name for test in tests] == [f"{said['id']}::{_ROW}"]:
        return WrittenAnswer(said["id"], said["max_points"], answered=tests[0].outcome is Outcome.PENDING)
    return CellResult(said["id"], said["max_points"], tests, str(said.get("cause", "")))


def _with_example(test: TestResult, example: ShownExample | None) -> TestResult:
    if example is None:
        return test
    said = example.in_message(test.message) if test.outcome.students_fault else test.message
    return replace(test, example=example, message=said)


def read_results(path: Path, sprint: str) -> Results:
    """The results of a sprint, read from a file.

    Raises
    ------
    BadInput
        when the file cannot be read, or belongs to another sprint.
    """
    try:
        found = Results.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, BadInput) as error:
        raise BadInput(f"{path}: {error}") from None
    if found.sprint != sprint:
        raise BadInput(f"{path}: these are results of '{found.sprint}', not of '{sprint}'")
    return found
