"""The tables of a class, filled row by row: small enough for ten thousand students."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from autograder.bridge.gradebook_rows import SubmissionRows
from autograder.grading.outcome import Outcome
from autograder.grading.properties import Property
from autograder.grading.results import Cell, TestResult
from autograder.reports.class_report.data import CODES, NO_MESSAGE, NO_TEST, Message, Task, Test
from autograder.reports.class_report.messages import head
from autograder.text import clean


class Tables:
    """Tests and messages get their numbers when they first occur; rows that end before them are filled up."""

    def __init__(
        self, tasks: tuple[Task, ...], properties: Mapping[str, Property], normalised: Callable[[str], str]
    ) -> None:
        self.tests: list[Test] = []
        self.messages: list[Message] = []
        self.scores: list[list[float]] = []
        self.attempted: list[list[bool]] = []
        self.by_person: list[list[bool]] = []
        self._tasks, self._properties, self._normalised = tasks, properties, normalised
        self._columns: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._outcomes: list[array[int]] = []
        self._seconds: list[array[float]] = []
        self._said: list[array[int]] = []

    def add(self, cells: Mapping[str, Cell], submission: SubmissionRows) -> None:
        """Add a student's row: the points of the gradebook, and how each test ended."""
        points = {cell: grade.points for cell, grade in submission.grades.items()}
        self.scores.append([_number(points.get(task.id)) for task in self._tasks])
        self.attempted.append(
            [not task.answers or not submission.unanswered.issuperset(task.answers) for task in self._tasks]
        )
        changed = {
            cell for cell, grade in submission.grades.items() if grade.manual is not None and grade.manual != grade.auto
        }
        self.by_person.append([task.id in changed for task in self._tasks])
        outcomes, seconds = array("B", [NO_TEST] * len(self.tests)), array("f", [0.0] * len(self.tests))
        said = array("i", [NO_MESSAGE] * len(self.tests))
        for cell in cells.values():
            for test in cell.tests:
                place = self._column(test, cell.id)
                if place == len(outcomes):
                    outcomes.append(NO_TEST)
                    seconds.append(0.0)
                    said.append(NO_MESSAGE)
                outcomes[place], seconds[place] = CODES[test.outcome], test.duration_s
                if test.outcome is Outcome.SKIPPED:  # the cause in its first line is the same for all of them
                    said[place] = self._number_of(test.message.partition("\n")[0])
                elif test.outcome.students_fault:
                    said[place] = self._number_of(test.message)
        self._outcomes.append(outcomes)
        self._seconds.append(seconds)
        self._said.append(said)

    def outcomes(self) -> NDArray[np.uint8]:
        """The codes of the outcomes, a row for each student and a column for each test."""
        table = np.full((len(self._outcomes), len(self.tests)), NO_TEST, dtype=np.uint8)
        for row, codes in enumerate(self._outcomes):
            table[row, : len(codes)] = codes
        return table

    def seconds(self) -> NDArray[np.float32]:
        """The durations of the tests in s."""
        table = np.zeros((len(self._seconds), len(self.tests)), dtype=np.float32)
        for row, seconds in enumerate(self._seconds):
            table[row, : len(seconds)] = seconds
        return table

    def said(self) -> NDArray[np.int32]:
        """The numbers of the messages."""
        table = np.full((len(self._said), len(self.tests)), NO_MESSAGE, dtype=np.int32)
        for row, numbers in enumerate(self._said):
            table[row, : len(numbers)] = numbers
        return table

    def _column(self, test: TestResult, task: str) -> int:
        if test.name not in self._columns:
            self._columns[test.name] = len(self.tests)
            known = self._properties.get(test.name)
            title, hint = (known.title, known.hint) if known else (clean(test.title, 300), "")
            self.tests.append(Test(test.name, task, title, hint, test.max_points))
        return self._columns[test.name]

    def _number_of(self, message: str) -> int:
        text = self._normalised(message[:4_000])
        if text not in self._numbers:
            self._numbers[text] = len(self.messages)
            self.messages.append(Message(text, head(message)))
        return self._numbers[text]


def _number(points: float | None) -> float:
    return float("nan") if points is None else float(points)
