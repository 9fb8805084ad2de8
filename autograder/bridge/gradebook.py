"""The gradebook: everything nbgrader writes for a submission is one transaction; retries while it is unreachable."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any, TypeVar
from uuid import uuid4

from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    InvalidEntry,
    MissingEntry,
    SolutionCell,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.converters import autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import latesubmissions, overwritecells, overwritekernelspec, saveautogrades
from nbgrader.utils import parse_utc
from sqlalchemy import insert, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    IntegrityError,
    NoSuchModuleError,
    ProgrammingError,
    StatementError,
)
from sqlalchemy.orm import undefer
from sqlalchemy.orm.exc import FlushError

from autograder.bridge.database import add_indexes
from autograder.errors import BadInput

USERS = (autograde, latesubmissions, overwritecells, overwritekernelspec, saveautogrades)
"""nbgrader's modules that open the gradebook while a submission is graded."""

DATABASE_S = 60
HOPELESS = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""SQLite errors that do not go away by waiting."""
OURS = (DataError, IntegrityError, ProgrammingError)
"""Errors that are our fault, not the database's: the statement or its data is wrong."""

T = TypeVar("T")


class OneGradebook(Gradebook):
    """A gradebook that stays open while nbgrader opens and closes it.

    nbgrader opens and closes the gradebook nine times per submission, queries each cell separately and commits after
    each. Here opening costs nothing. A notebook's cells are read in one query, the instructor's cells once for all
    submissions. Commits are written at the end of :meth:`transaction`: either all rows of a submission or none.
    """

    def __init__(self, db_url: str, course_id: str = "default_course") -> None:
        super().__init__(db_url, course_id)
        self.db.remove()
        add_indexes(self.engine)
        self._rows: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._notebooks: dict[tuple[str, ...], Any] = {}
        self._released: dict[tuple[Any, ...], dict[str, Any]] = {}

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

    def add_submission(self, assignment: str, student: str, **about: Any) -> Any:
        """A new submission with its empty grades and comments: nbgrader's statements, without an object for each row.

        Parameters
        ----------
        about
            the submission's timestamp and extension, if there are any
        """
        if about.get("timestamp"):
            about["timestamp"] = parse_utc(about["timestamp"])
        released, who = self.find_assignment(assignment), self.find_student(student)
        submission = {"id": uuid4().hex, "assignment_id": released.id, "student_id": who.id, **about}
        rows: dict[Any, list[dict[str, Any]]] = {SubmittedAssignment: [submission]}
        for notebook in released.notebooks:
            mine = {"id": uuid4().hex, "assignment_id": submission["id"], "notebook_id": notebook.id}
            rows.setdefault(SubmittedNotebook, []).append(mine)
            for table, kinds in ((Grade, (GradeCell, TaskCell)), (Comment, (SolutionCell, TaskCell))):
                cells = [cell for kind in kinds for cell in self._instructors(kind, notebook.name, assignment).values()]
                rows.setdefault(table, []).extend({"cell_id": cell.id, "notebook_id": mine["id"]} for cell in cells)
        try:
            for table, values in rows.items():
                if values:
                    self.db.execute(insert(table), values)
            self.db.commit()
        except (IntegrityError, FlushError, StatementError) as error:
            self.db.rollback()
            raise InvalidEntry(*error.args) from error
        return self.find_submission(assignment, student)

    def find_grade(self, cell: str, *submission: str) -> Any:
        """A cell's grade; `submission` is notebook, assignment, student, in nbgrader's order."""
        rows = self._of((Grade, *submission), lambda: self._cells(Grade, submission, undefer(Grade.max_score)))
        return rows.get(cell) or super().find_grade(cell, *submission)

    def find_comment(self, cell: str, *submission: str) -> Any:
        """A cell's comment; `submission` is as for :meth:`find_grade`."""
        rows = self._of((Comment, *submission), lambda: self._cells(Comment, submission))
        return rows.get(cell) or super().find_comment(cell, *submission)

    def find_submission_notebook(self, *submission: str) -> Any:
        """A submitted notebook; `submission` is as for :meth:`find_grade`."""
        if submission not in self._notebooks:
            self._notebooks[submission] = super().find_submission_notebook(*submission)
        return self._notebooks[submission]

    def _cells(self, table: Any, submission: tuple[str, ...], *more: Any) -> Iterable[Any]:
        """Grades or comments of a submission, each after the name of its cell, in one query."""
        notebook = self.find_submission_notebook(*submission)
        # select by cell: nbgrader's tables have an index on cell and notebook, but none on the notebook alone
        rows = self.db.query(BaseCell.name, table).join(BaseCell, BaseCell.id == table.cell_id).options(*more)
        return rows.filter(BaseCell.notebook_id == notebook.notebook_id, table.notebook_id == notebook.id)

    def _of(self, key: tuple[Any, ...], rows: Callable[[], Iterable[Any]]) -> dict[str, Any]:
        """Rows by the name of their cell; kept until :meth:`close`."""
        if key not in self._rows:
            self._rows[key] = dict(rows())
        return self._rows[key]

    def close(self) -> None:
        """Make later reads see what was written, as a new connection would; the connection stays open."""
        self._forget()
        self.db.flush()
        self.db.expire_all()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make nbgrader's converter and preprocessors use this gradebook; commit at the end, roll back on an error."""
        session = self.db()
        # new rows are flushed at once, because nbgrader catches constraint errors; changed rows when next queried
        commit, session.commit = session.commit, lambda: session.flush() if session.new else None
        stock = {module: module.Gradebook for module in USERS}
        for module in USERS:
            module.Gradebook = lambda *url, **options: self
        try:
            yield
            commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            for module, gradebook in stock.items():
                module.Gradebook = gradebook
            self._forget()
            self.db.remove()

    def _forget(self) -> None:
        """Forget the rows of a submission that were kept for the next question."""
        self._rows.clear()
        self._notebooks.clear()


def one_transaction(db_url: str) -> contextlib.AbstractContextManager[None]:
    """Put all of nbgrader's writes into one transaction: the caller's if one is open, otherwise a new one."""
    theirs = any(module.Gradebook is not Gradebook for module in USERS)
    return contextlib.nullcontext() if theirs else OneGradebook(db_url).transaction()


def patiently(action: Callable[[], T], coursedir: CourseDirectory, log: logging.Logger) -> T:
    """Run an action on the gradebook, and retry while the gradebook is locked or cannot be reached.

    Raises
    ------
    BadInput
        when it cannot be used for a minute, when waiting cannot help, or when no driver for its database is installed.
    """
    end = time.monotonic() + DATABASE_S
    while True:
        try:
            return action()
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            scheme = make_url(coursedir.db_url).drivername
            raise BadInput(f"the gradebook's database {scheme} has no driver here ({error}): install it") from error
        except (DatabaseError, InvalidEntry) as error:
            cause = error if isinstance(error, DatabaseError) else error.__context__
            if not isinstance(cause, DatabaseError) or isinstance(cause, OURS):
                raise
            if time.monotonic() > end or getattr(cause.orig, "sqlite_errorcode", None) in HOPELESS:
                url = make_url(coursedir.db_url).render_as_string(hide_password=True)
                raise BadInput(
                    f"the gradebook {url} cannot be used ({cause.orig}): what is done is saved,"
                    " run the command again when it can"
                ) from error
            log.warning("the gradebook cannot be used, waiting: %s", cause.orig)
            time.sleep(1)


def recorded_students(coursedir: CourseDirectory) -> set[str]:
    """The students whose submission of the assignment is in the gradebook.

    Raises
    ------
    BadInput
        when the assignment is not in the gradebook.
    """
    slug = coursedir.assignment_id
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        try:
            gradebook.find_assignment(slug)
        except MissingEntry:
            raise BadInput(
                f"the gradebook does not know '{slug}': run 'nbgrader generate_assignment {slug}' first"
            ) from None
        return {submission.student_id for submission in gradebook.assignment_submissions(slug)}
