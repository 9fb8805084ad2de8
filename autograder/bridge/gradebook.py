"""The gradebook: everything nbgrader writes for a submission is one transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    InvalidEntry,
    SolutionCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.converters import autograde
from nbgrader.preprocessors import latesubmissions, overwritecells, overwritekernelspec, saveautogrades
from nbgrader.utils import parse_utc
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import make_transient_to_detached

from autograder.bridge.database import add_indexes
from autograder.bridge.new_rows import NewRow, NewRows, insert
from autograder.bridge.read_once import ReadOnce

USERS = (autograde, latesubmissions, overwritecells, overwritekernelspec, saveautogrades)
"""nbgrader's modules that open the gradebook while a submission is graded."""
CELLS = {Grade: (GradeCell, TaskCell), Comment: (SolutionCell, TaskCell)}
"""The kinds of cells that have a row in a table of each submission."""
DEFAULTS: dict[Any, dict[str, Any]] = {
    Grade: {"auto_score": None, "manual_score": None, "needs_manual_grade": True},
    Comment: {"auto_comment": None, "manual_comment": None},
}
"""The columns of a new row that nbgrader's steps read or set."""


class OneGradebook(ReadOnce):
    """A gradebook that stays open while nbgrader opens and closes it.

    nbgrader opens and closes the gradebook nine times per submission, and commits after each cell. Here opening costs
    nothing, and commits are written at the end of :meth:`transaction`: either all rows of a submission or none.
    """

    def __init__(self, db_url: str, course_id: str = "default_course") -> None:
        super().__init__(db_url, course_id)
        self.db.remove()
        add_indexes(self.engine)
        self._new = NewRows()
        event.listen(self.db.session_factory, "do_orm_execute", self._write_first)

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
        notebooks = {
            notebook.name: {"id": uuid4().hex, "assignment_id": submission["id"], "notebook_id": notebook.id}
            for notebook in released.notebooks
        }
        # read before there are rows that wait: a query writes them
        cells = {(name, table): self._cells_with(table, name, assignment) for name in notebooks for table in CELLS}
        session = self.db()
        try:
            session.flush()
            insert(session, SubmittedAssignment, [submission])
            insert(session, SubmittedNotebook, notebooks.values())
        except (IntegrityError, StatementError) as error:
            session.rollback()
            raise InvalidEntry(*error.args) from error
        self._found["find_submission", assignment, student] = self._as_found(SubmittedAssignment, submission)
        for name, values in notebooks.items():
            of_submission = (name, assignment, student)
            self._found["find_submission_notebook", *of_submission] = self._as_found(SubmittedNotebook, values)
            for table in CELLS:
                self._rows[table, *of_submission] = self._new_rows(table, cells[name, table], values["id"])
        if not self._remembers:
            self._new.write(session)
            session.commit()
            self._forget()
        return self.find_submission(assignment, student)

    def _cells_with(self, table: Any, notebook: str, assignment: str) -> dict[str, Any]:
        """The cells of a notebook that have a grade, or a comment, by name."""
        return {
            name: cell for kind in CELLS[table] for name, cell in self._instructors(kind, notebook, assignment).items()
        }

    def _as_found(self, table: Any, values: dict[str, Any]) -> Any:
        """nbgrader's object for a row that was inserted with these values."""
        columns = table.__table__.columns
        defaults = {name: column.default.arg for name, column in columns.items() if column.default is not None}
        row = table(**dict.fromkeys(columns.keys()) | defaults | values)
        make_transient_to_detached(row)
        self.db.add(row)
        return row

    def _new_rows(self, table: Any, cells: dict[str, Any], submitted: str) -> dict[str, NewRow]:
        """The empty grades or comments of a submitted notebook, by the name of their cell."""
        rows = {}
        for name, cell in cells.items():
            about = {"max_score": cell.max_score} if table is Grade else {}
            values = {"cell_id": cell.id, "notebook_id": submitted, **DEFAULTS[table], **about}
            rows[name] = self._new.add(self.db(), table, values)
        return rows

    def close(self) -> None:
        """Make later reads see what was written, as a new connection would; the connection stays open."""
        self.db.flush()
        if self._remembers:
            self._add_up_again(self.db())
        else:
            self._forget()
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
        self._remembers, session.expire_on_commit = True, False
        try:
            yield
            self._new.write(session)
            commit()
            self._let_go(session)
        except BaseException:
            session.rollback()
            session.expunge_all()
            self._forget()
            raise
        finally:
            self._remembers, session.expire_on_commit = False, True
            del session.commit
            for module, gradebook in stock.items():
                module.Gradebook = gradebook

    def _write_first(self, asked: Any) -> None:
        """Write the rows that wait before a statement that may read them."""
        if self._new and not self._looking_up:
            self._new.write(asked.session)

    def _forget(self) -> None:
        super()._forget()
        self._new.forget()


def one_transaction(db_url: str) -> contextlib.AbstractContextManager[None]:
    """Put all of nbgrader's writes into one transaction: the caller's if one is open, otherwise a new one."""
    theirs = any(module.Gradebook is not Gradebook for module in USERS)
    return contextlib.nullcontext() if theirs else OneGradebook(db_url).transaction()
