"""One opened gradebook for all that nbgrader does with it in between, written at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any

from nbgrader.api import BaseCell, Comment, Grade, Gradebook, GradeCell, SourceCell
from nbgrader.converters import autograde
from nbgrader.preprocessors import latesubmissions, overwritecells, overwritekernelspec, saveautogrades
from sqlalchemy import inspect, select
from sqlalchemy.orm import joinedload, undefer

USERS = (autograde, latesubmissions, overwritecells, overwritekernelspec, saveautogrades)
"""nbgrader's modules that open the gradebook while a submission is graded."""


class OneGradebook(Gradebook):
    """A gradebook for several of nbgrader's uses.

    nbgrader opens and closes it nine times a submission, asks for every cell apart and commits after each. Here opening
    costs nothing, a notebook's cells are read at once, the instructor's once for all submissions, and what was
    committed is written at the end of :meth:`transaction`: a submission's rows are all there, or none is.
    """

    def __init__(self, db_url: str, course_id: str = "default_course") -> None:
        super().__init__(db_url, course_id)
        self.db.remove()
        self._rows: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._released: dict[tuple[Any, ...], dict[str, Any]] = {}

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """A cell of the instructor's notebook, as it was when it was first asked for."""
        cell = self._instructors(SourceCell, notebook, assignment).get(name)
        return cell or super().find_source_cell(name, notebook, assignment)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """A cell of the instructor's notebook with points, as it was when it was first asked for."""
        cell = self._instructors(GradeCell, notebook, assignment).get(name)
        return cell or super().find_graded_cell(name, notebook, assignment)

    def _instructors(self, table: Any, notebook: str, assignment: str) -> dict[str, Any]:
        """Copies of the cells that are the same for a whole class, by name."""
        key = (table, notebook, assignment)
        if key not in self._released:
            cells = self.db.query(table).filter(table.notebook_id == self.find_notebook(notebook, assignment).id)
            columns = [column.key for column in inspect(table).column_attrs]
            self._released[key] = {
                cell.name: SimpleNamespace(**{column: getattr(cell, column) for column in columns}) for cell in cells
            }
        return self._released[key]

    def find_grade(self, cell: str, *submission: str) -> Any:
        """A cell's grade; the submission is given as nbgrader does: notebook, assignment, student."""
        rows = self._of((Grade, *submission), lambda: self._cells(Grade, submission, undefer(Grade.max_score)))
        return rows.get(cell) or super().find_grade(cell, *submission)

    def find_comment(self, cell: str, *submission: str) -> Any:
        """A cell's comment; the submission as for :meth:`find_grade`."""
        rows = self._of((Comment, *submission), lambda: self._cells(Comment, submission))
        return rows.get(cell) or super().find_comment(cell, *submission)

    def _cells(self, table: Any, submission: tuple[str, ...], *more: Any) -> Iterable[Any]:
        """Grades or comments of a submission, each with its cell, by one statement."""
        notebook = self.find_submission_notebook(*submission)
        # by way of the cells: nbgrader's tables have an index of cell and notebook, none of the notebook alone
        cells = select(BaseCell.id).where(BaseCell.notebook_id == notebook.notebook_id)
        rows = self.db.query(table).options(joinedload(table.cell), *more)
        return rows.filter(table.cell_id.in_(cells), table.notebook_id == notebook.id)

    def _of(self, key: tuple[Any, ...], rows: Callable[[], Iterable[Any]]) -> dict[str, Any]:
        """Rows by the name of their cell, read once until what was written has to be read anew."""
        if key not in self._rows:
            self._rows[key] = {row.name: row for row in rows()}
        return self._rows[key]

    def close(self) -> None:
        """Have what comes next read what was written, as a new connection would; the connection stays."""
        self._rows.clear()
        self.db.flush()
        self.db.expire_all()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Have nbgrader's converter and preprocessors use this gradebook; write at the end, nothing after an error."""
        session = self.db()
        # new rows are sent at once, since nbgrader looks for those that break a rule; changed ones when they are read
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
            self._rows.clear()
            self.db.remove()


def one_transaction(db_url: str) -> contextlib.AbstractContextManager[None]:
    """Have what nbgrader writes be one transaction: that of the caller, as for a class, or one of its own."""
    theirs = any(module.Gradebook is not Gradebook for module in USERS)
    return contextlib.nullcontext() if theirs else OneGradebook(db_url).transaction()
