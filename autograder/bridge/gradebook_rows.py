"""What a report reads from the gradebook: a sprint's rows, in a handful of queries, without nbgrader's classes.

nbgrader's classes take one query for each cell of each student, and a second to import.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, DateTime, Float, Interval, String, column, create_engine, select, table
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from autograder.errors import BadInput

NO_RESPONSE = "No response."
"""nbgrader's comment on an answer that is as it was released."""


def _table(name: str, *texts: str, **others: Any) -> Any:
    columns = [column(text, String()) for text in texts]
    return table(name, *columns, *(column(key, kind()) for key, kind in others.items()))


STUDENT = _table("student", "id", "first_name", "last_name")
ASSIGNMENT = _table("assignment", "id", "name", duedate=DateTime)
NOTEBOOK = _table("notebook", "id", "name", "assignment_id")
CELL = _table("base_cell", "id", "name", "notebook_id")
WORTH = tuple(_table(name, "id", max_score=Float) for name in ("grade_cells", "task_cells"))
SUBMISSION = _table("submitted_assignment", "id", "assignment_id", "student_id", timestamp=DateTime, extension=Interval)
BOOK = _table("submitted_notebook", "id", "assignment_id", "notebook_id")
GRADE = _table(
    "grade", "cell_id", "notebook_id", auto_score=Float, manual_score=Float, needs_manual_grade=Boolean
)  # fmt: skip
COMMENT = _table("comment", "id", "cell_id", "notebook_id", "auto_comment", "manual_comment")


@dataclass(frozen=True)
class GradeRow:
    """A cell's points in the gradebook; None where there are none. ``to_mark``: nbgrader asks for a person."""

    auto: float | None
    manual: float | None
    to_mark: bool

    @property
    def points(self) -> float | None:
        """The points that count, without extra credit."""
        return self.auto if self.manual is None else self.manual


@dataclass
class SubmissionRows:
    """One student's submission: when it was handed in, whether late, its grades by cell, its unanswered cells."""

    timestamp: datetime | None
    late: bool
    grades: dict[str, GradeRow] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class SprintRows:
    """A sprint in the gradebook: the names of all students, the cells with their points, the submissions."""

    students: dict[str, str]
    worth: dict[str, float]
    submissions: dict[str, SubmissionRows]


def sprint_rows(db_url: str, sprint: str) -> SprintRows | None:
    """A sprint's rows; None if the gradebook does not know the sprint.

    Raises
    ------
    BadInput
        when there is no gradebook, or it cannot be read.
    """
    with connection(db_url) as at:
        known = at.execute(select(ASSIGNMENT.c.id, ASSIGNMENT.c.duedate).where(ASSIGNMENT.c.name == sprint)).first()
        students = {
            str(name): " ".join(part for part in (first, last) if part)
            for name, first, last in at.execute(
                select(STUDENT.c.id, STUDENT.c.first_name, STUDENT.c.last_name).order_by(STUDENT.c.id)
            )
        }
        if known is None:
            return None
        return SprintRows(students, _worth(at, known.id, sprint), _submissions(at, known.id, known.duedate, sprint))


def graded_sprints(db_url: str) -> list[str]:
    """The assignments that have submissions, in the order in which they were first handed in."""
    with connection(db_url) as at:
        rows = at.execute(
            select(ASSIGNMENT.c.name, SUBMISSION.c.timestamp).where(SUBMISSION.c.assignment_id == ASSIGNMENT.c.id)
        )
        first: dict[str, datetime] = {}
        for name, timestamp in rows:
            first[name] = min(first.get(name, datetime.max), timestamp or datetime.max)
    return sorted(first, key=lambda name: (first[name], name))


def _worth(at: Connection, assignment: str, sprint: str) -> dict[str, float]:
    of_sprint = (CELL.c.notebook_id == NOTEBOOK.c.id, NOTEBOOK.c.assignment_id == assignment, NOTEBOOK.c.name == sprint)
    rows = [
        row
        for kind in WORTH
        for row in at.execute(select(CELL.c.name, kind.c.max_score).where(kind.c.id == CELL.c.id, *of_sprint))
    ]
    return {name: float(points) for name, points in rows}


def _submissions(at: Connection, assignment: str, due: datetime | None, sprint: str) -> dict[str, SubmissionRows]:
    found, students = {}, {}
    of_sprint = (
        select(SUBMISSION.c.student_id, SUBMISSION.c.timestamp, SUBMISSION.c.extension, BOOK.c.id)
        .where(SUBMISSION.c.assignment_id == assignment, BOOK.c.assignment_id == SUBMISSION.c.id)
        .where(BOOK.c.notebook_id == NOTEBOOK.c.id, NOTEBOOK.c.name == sprint)
    )
    for student, timestamp, extension, book in at.execute(of_sprint):
        end = due + extension if due is not None and extension is not None else due
        late = timestamp is not None and end is not None and timestamp > end
        students[book] = found[student] = SubmissionRows(timestamp, late)
    cells = select(CELL.c.id, CELL.c.name).where(
        CELL.c.notebook_id == NOTEBOOK.c.id, NOTEBOOK.c.assignment_id == assignment, NOTEBOOK.c.name == sprint
    )
    names = {row.id: str(row.name) for row in at.execute(cells)}
    of_cells = GRADE.c.cell_id.in_(list(names))
    columns = (GRADE.c.notebook_id, GRADE.c.cell_id, GRADE.c.auto_score, GRADE.c.manual_score)
    for book, cell, auto, manual, to_mark in at.execute(select(*columns, GRADE.c.needs_manual_grade).where(of_cells)):
        if book in students:
            students[book].grades[names[cell]] = GradeRow(auto, manual, bool(to_mark))
    unanswered = select(COMMENT.c.notebook_id, COMMENT.c.cell_id).where(
        COMMENT.c.auto_comment == NO_RESPONSE, COMMENT.c.cell_id.in_(list(names))
    )
    for book, cell in at.execute(unanswered):
        if book in students:
            students[book].unanswered.add(names[cell])
    return found


@contextmanager
def connection(db_url: str) -> Iterator[Connection]:
    """A connection to a gradebook that exists; SQLite would create one."""
    try:
        url = make_url(db_url)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            raise BadInput(f"there is no gradebook {url.database}: nothing has been graded here")
        with create_engine(url, poolclass=NullPool).connect() as connection:
            yield connection
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise BadInput(f"the gradebook cannot be opened ({error}): see NBGRADER_DB_URL") from None
    except DatabaseError as error:
        shown = url.render_as_string(hide_password=True)
        raise BadInput(f"the gradebook {shown} cannot be used ({error.orig}): try again when it can") from None
