"""A gradebook that reads each row once for a submission, and what is the same for the class once in some seconds.

nbgrader looks up the student, the assignment and the submission again in each of its steps, and reads everything anew
after each: 24 statements for a new submission, fourteen of them for what has just been read.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import inspect
from sqlalchemy.orm import Mapper, Session, undefer

KEPT_S = 5
"""How long an assignment and its notebooks are not read again: a due date may change while a class is graded."""
OF_CLASS = (Assignment, Notebook)
ADDED_UP = (*OF_CLASS, Student, SubmittedAssignment, SubmittedNotebook)
"""Tables whose objects have points that are added up from the rows of others."""


class ReadOnce(Gradebook):
    """nbgrader's gradebook, whose methods find what they found before in the same transaction."""

    def __init__(self, db_url: str, course_id: str = "default_course") -> None:
        super().__init__(db_url, course_id)
        self._remembers = self._looking_up = False
        self._found: dict[tuple[Any, ...], Any] = {}
        self._rows: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._released: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._read_at: float | None = None

    def find_student(self, student: str) -> Any:
        """A student."""
        return self._once(super().find_student, student)

    def add_student(self, student: str, **about: Any) -> Any:
        """A new student."""
        added = super().add_student(student, **about)
        if self._remembers:
            self._found["find_student", student] = added
        return added

    def find_assignment(self, name: str) -> Any:
        """An assignment."""
        return self._once(super().find_assignment, name)

    def find_notebook(self, *name: str) -> Any:
        """A notebook of an assignment; `name` is notebook, assignment."""
        return self._once(super().find_notebook, *name)

    def find_submission(self, *name: str) -> Any:
        """A submission; `name` is assignment, student."""
        return self._once(super().find_submission, *name)

    def find_submission_notebook(self, *name: str) -> Any:
        """A submitted notebook; `name` is notebook, assignment, student, in nbgrader's order."""
        return self._once(super().find_submission_notebook, *name)

    def _once(self, find: Callable[..., Any], *name: str) -> Any:
        """What nbgrader's method finds; in a transaction it is asked once for each name."""
        if not self._remembers:
            return find(*name)
        key = (find.__name__, *name)
        if key not in self._found:
            self._looking_up = True  # none of these methods reads grades or comments
            try:
                self._found[key] = find(*name)
            finally:
                self._looking_up = False
            if self._read_at is None and isinstance(self._found[key], OF_CLASS):
                self._read_at = time.monotonic()
        return self._found[key]

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """A cell of the instructor's notebook, as it was when first read."""
        cell = self._instructors(SourceCell, notebook, assignment).get(name)
        return cell or super().find_source_cell(name, notebook, assignment)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """A cell with points of the instructor's notebook, as it was when first read."""
        cell = self._instructors(GradeCell, notebook, assignment).get(name)
        return cell or super().find_graded_cell(name, notebook, assignment)

    def _instructors(self, table: Any, notebook: str, assignment: str) -> dict[str, Any]:
        """Copies of the cells that are the same for the whole class, by name."""
        key = (table, notebook, assignment)
        if key not in self._released:
            cells = self.db.query(table).filter(table.notebook_id == self.find_notebook(notebook, assignment).id)
            columns = [column.key for column in inspect(table).column_attrs]
            self._released[key] = {
                cell.name: SimpleNamespace(**{column: getattr(cell, column) for column in columns}) for cell in cells
            }
        return self._released[key]

    def find_grade(self, cell: str, *submission: str) -> Any:
        """A cell's grade; `submission` is notebook, assignment, student, in nbgrader's order."""
        rows = self._of((Grade, *submission), lambda: self._cells(Grade, submission, undefer(Grade.max_score)))
        return rows.get(cell) or super().find_grade(cell, *submission)

    def find_comment(self, cell: str, *submission: str) -> Any:
        """A cell's comment; `submission` is as for :meth:`find_grade`."""
        rows = self._of((Comment, *submission), lambda: self._cells(Comment, submission))
        return rows.get(cell) or super().find_comment(cell, *submission)

    def _cells(self, table: Any, submission: tuple[str, ...], *more: Any) -> Iterable[Any]:
        """Grades or comments of a submission, each after the name of its cell, in one query."""
        notebook = self.find_submission_notebook(*submission)
        # select by cell: nbgrader's tables have an index on cell and notebook, but none on the notebook alone
        rows = self.db.query(BaseCell.name, table).join(BaseCell, BaseCell.id == table.cell_id).options(*more)
        return rows.filter(BaseCell.notebook_id == notebook.notebook_id, table.notebook_id == notebook.id)

    def _of(self, key: tuple[Any, ...], rows: Callable[[], Iterable[Any]]) -> dict[str, Any]:
        """Rows by the name of their cell; read once."""
        if key not in self._rows:
            self._rows[key] = dict(rows())
        return self._rows[key]

    def _add_up_again(self, session: Session) -> None:
        """Read points and lists of other objects again, when they are next asked for."""
        for row in session:
            if isinstance(row, ADDED_UP):
                stale = {name for name in _from_other_rows(inspect(type(row))) if name in row.__dict__}
                if stale:
                    session.expire(row, stale)

    def _let_go(self, session: Session) -> None:
        """Forget a submission's rows after its transaction, and the class's too when they are old."""
        fresh = self._read_at is not None and time.monotonic() - self._read_at < KEPT_S
        of_class = OF_CLASS if fresh else ()
        self._read_at = self._read_at if fresh else None
        self._found = {key: row for key, row in self._found.items() if isinstance(row, of_class)}
        self._rows.clear()
        for row in [row for row in session if not isinstance(row, of_class)]:
            if row in session:  # it may have gone with another
                session.expunge(row)

    def _forget(self) -> None:
        """Forget all rows but the instructor's cells."""
        self._found.clear()
        self._rows.clear()
        self._read_at = None


@functools.cache
def _from_other_rows(mapper: Mapper[Any]) -> frozenset[str]:
    """The attributes of a table's objects that depend on other rows, but not an assignment's list of its notebooks."""
    names = {column.key for column in mapper.column_attrs if column.deferred}
    names |= {other.key for other in mapper.relationships if other.uselist}
    return frozenset(names - {"notebooks"} if mapper.class_ is Assignment else names)
