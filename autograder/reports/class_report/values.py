"""A report as values: every figure, and the students whom it is made of. None is an undefined or withheld figure."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.reports.class_report.data import Remark, Student
from autograder.reports.class_report.statistics import Correlation, Spread

FEW = 25
"""Below so many students, only a negative discrimination is flagged."""
WEAK = 0.2
"""A discrimination below this is weak (Ebel, Essentials of Educational Measurement, 1972)."""


@dataclass(frozen=True)
class Group:
    """The students behind a figure. ``count`` is None if withheld; ``students`` is empty in a page for sharing."""

    count: int | None
    students: tuple[str, ...] = ()

    @classmethod
    def of(cls, students: tuple[str, ...]) -> Group:
        """The group of these students."""
        return cls(len(students), students)


@dataclass(frozen=True)
class Need:
    """Something that waits for the instructor; ``kind`` is one of :data:`.data.NEEDS`."""

    kind: str
    group: Group


@dataclass(frozen=True)
class Bin:
    """The students with totals from ``low`` to below ``high``; the last bin includes ``high``."""

    low: float
    high: float
    group: Group


@dataclass(frozen=True)
class Fifth:
    """The mean share of a task's points in one fifth of the class; ``count`` students have points."""

    mean: float | None
    count: int | None


@dataclass(frozen=True)
class TestFigures:
    """One test: how many took it, how many ended in each way, the facility and the discrimination.

    ``graded``: how many have a final outcome that nobody changed. ``ended`` has the students by outcome; those whose
    answer is as released are under ``not_attempted``, those without a final outcome under ``not_final``.
    """

    __test__ = False  # pytest must not collect this class because of its name

    name: str
    title: str
    hint: str
    max_points: float
    count: int | None
    ended: dict[str, Group]
    graded: int | None
    facility: float | None
    discrimination: Correlation


@dataclass(frozen=True)
class TaskFigures:
    """One task. ``count``: how many have points; ``missing``: those whose points are not final."""

    id: str
    max_points: float
    by_hand: bool
    count: int | None
    facility: float | None
    discrimination: Correlation
    efficiency: float | None
    fifths: tuple[Fifth, ...]
    full: Group
    not_attempted: Group
    missing: Group
    seconds: float | None
    tests: tuple[TestFigures, ...]
    in_total: bool = True

    @property
    def flag(self) -> str:
        """``negative``, ``weak`` or nothing; see :data:`FEW`."""
        value = self.discrimination.value
        if value is None or value >= WEAK:
            return ""
        return "negative" if value < 0 else "weak" if self.discrimination.count >= FEW else ""


@dataclass(frozen=True)
class SignatureFigures:
    """A misconception, or an unmatched signature if it has no chaffs.

    ``chaffs`` has the name, the description and the address of each. ``attempted``: how many attempted the task.
    ``message``: what most of them read in these tests, if it is the same for several. ``said_by``: who read it.
    """

    id: str
    task: str
    chaffs: tuple[tuple[str, str, str], ...]
    tests: tuple[str, ...]
    group: Group
    attempted: int | None
    message: str = ""
    said_by: Group = Group(0)
    remark: Remark | None = None


@dataclass(frozen=True)
class MessageFigures:
    """A message that several students got, without what varies, and one of them as it was."""

    id: str
    task: str
    tests: tuple[str, ...]
    text: str
    example: str
    group: Group
    remark: Remark | None = None


@dataclass(frozen=True)
class Progress:
    """What handing in again has changed: mean totals of first and last submissions of those who did."""

    again: Group
    first: float | None
    last: float | None
    better: Group
    worse: Group
    each: tuple[tuple[str, tuple[float, ...]], ...]


@dataclass(frozen=True)
class Surprise:
    """A student who lost points in tasks that most students with no higher total have in full.

    ``tasks`` has the task, the student's points, its maximum, and how many of how many of the others have it in full.
    """

    student: str
    total: float
    tasks: tuple[tuple[str, float, float, int, int], ...]


@dataclass(frozen=True)
class StudentLine:
    """One student's row: points for each task (None: not final), the total, what was not attempted."""

    student: Student
    points: tuple[float | None, ...]
    total: float | None
    not_attempted: tuple[bool, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True)
class ClassReport:
    """Everything that a sprint's page shows.

    ``handed_in``: how many have handed in, graded or not. ``graded``: how many are in the figures. ``counted``: how
    many of these have a total; only they are in the distribution and the reliability.
    """

    sprint: str
    maximum: float
    handed_in: int | None
    graded: int | None
    absent: int | None
    counted: int | None
    needs: tuple[Need, ...]
    spread: Spread
    zero: Group
    full: Group
    bins: tuple[Bin, ...]
    reliability: float | None
    tasks: tuple[TaskFigures, ...]
    misconceptions: tuple[SignatureFigures, ...]
    candidates: tuple[SignatureFigures, ...]
    messages: tuple[MessageFigures, ...]
    progress: Progress | None
    surprises: tuple[Surprise, ...]
    students: tuple[StudentLine, ...]
    absentees: tuple[Student, ...] = ()
    notes: tuple[str, ...] = ()
    has_chaffs: bool = True
    anonymous: bool = False

    def names(self) -> dict[str, Student]:
        """The students by id."""
        return {line.student.id: line.student for line in self.students} | {one.id: one for one in self.absentees}
