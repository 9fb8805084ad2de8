"""What a report is made from: one sprint's class as plain data, collected from the gradebook and results.json.

Who handed in nothing is in no table. Students are ordered by id. Points come from the gradebook, without penalties and
extra credit; `nan` means that there are none yet (`pending`, `broken`, or waiting for a person).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from autograder.grading.outcome import Outcome
from autograder.reports.class_report.statistics import Numbers

CODES = {outcome: code for code, outcome in enumerate(Outcome)}
"""How outcomes are stored in a table of bytes."""
NO_TEST = 255
"""The code of a test that was not part of a student's grading."""
NO_MESSAGE = -1
PUBLIC_CHECK = "public_check"


@dataclass(frozen=True)
class Test:
    """One test of a task: its name in results.json, the property, and the hint."""

    __test__ = False  # pytest must not collect this class because of its name

    name: str
    task: str
    title: str
    hint: str
    max_points: float

    @property
    def hidden(self) -> bool:
        """Whether it is a hidden test, not the public check."""
        return not self.name.endswith(f"::{PUBLIC_CHECK}")


@dataclass(frozen=True)
class Task:
    """One task: a cell with points, and the cells in which students answer it."""

    id: str
    max_points: float
    by_hand: bool = False
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Student:
    """A student: the id, the name in the gradebook, and the address of the feedback page, empty if there is none."""

    id: str
    name: str = ""
    feedback: str = ""


@dataclass(frozen=True)
class Chaff:
    """A wrong solution that the instructor described: the misconception, the tests it fails, the cells it changes.

    ``link``: the address of its file from the page.
    """

    name: str
    description: str
    caught_by: frozenset[str]
    cells: tuple[str, ...] = ()
    link: str = ""


@dataclass(frozen=True)
class Message:
    """The beginning of a message without what varies (see :mod:`.messages`), and one as a student read it."""

    text: str
    example: str


@dataclass(frozen=True)
class Remark:
    """A comment for everybody with the same signature or message: the text, who has it, and at which answers."""

    text: str
    students: tuple[str, ...]
    cells: tuple[str, ...] = ()


NEEDS = (
    "disagree", "ungraded", "broken", "pending", "by_hand", "not_handed_in", "crashed", "timeout", "late", "outdated",
)  # fmt: skip
"""Why the instructor should look at a submission, the most urgent first."""


@dataclass
class ClassData:
    """A sprint's class.

    Attributes
    ----------
    scores, attempted, by_person
        a row for each student and a column for each task: the points; whether the answer differs from the release;
        whether a person changed the points of tests
    outcomes, seconds, said
        a row for each student and a column for each test: the code of the outcome, the duration in s, and the number of
        the message in `messages`
    needs
        the students by what the instructor should look at (:data:`NEEDS`)
    attempts
        the total of each graded submission, for students who handed in more than once
    absent
        students in the gradebook who handed in nothing
    notes
        what else the instructor should know, one line each
    """

    sprint: str
    tasks: tuple[Task, ...]
    tests: tuple[Test, ...]
    students: tuple[Student, ...]
    scores: Numbers
    attempted: NDArray[np.bool_]
    by_person: NDArray[np.bool_]
    outcomes: NDArray[np.uint8]
    seconds: NDArray[np.float32]
    said: NDArray[np.int32]
    messages: tuple[Message, ...] = ()
    chaffs: tuple[Chaff, ...] = ()
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attempts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    absent: tuple[Student, ...] = ()
    remarks: Mapping[str, Remark] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def ids(self) -> list[str]:
        """The ids of the students who handed in."""
        return [student.id for student in self.students]

    def columns(self, task: str) -> list[int]:
        """The columns of a task's tests."""
        return [column for column, test in enumerate(self.tests) if test.task == task]
