"""The grades and comments of a new submission: kept until something reads them in the database, then written at once.

nbgrader inserts them empty, selects them again, and updates them. Here a submission that is graded for the first time
costs one statement for each table. :class:`~autograder.bridge.gradebook.OneGradebook` says when they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session


class NewRow:
    """A row that is not in the database yet, with the attributes of nbgrader's object.

    What it was made with can be read and set. For anything else, and once it has been written, it asks nbgrader's
    object.
    """

    def __init__(self, load: Callable[[NewRow], Any], table: Any, values: dict[str, Any]) -> None:
        """`load` writes the row if need be, and returns nbgrader's object; `values` are by attribute."""
        self.__dict__.update(_load=load, _table=table, _values={"id": uuid4().hex, **values}, _written=False)

    def __getattr__(self, name: str) -> Any:
        if not self._written and name in self._values:
            return self._values[name]
        return getattr(self._load(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if not self._written and name in self._values:
            self._values[name] = value
        else:
            setattr(self._load(self), name, value)


class NewRows:
    """The rows that wait to be written in a session's transaction."""

    def __init__(self) -> None:
        self._waiting: list[NewRow] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, session: Session, table: Any, values: dict[str, Any]) -> NewRow:
        """Keep a row until :meth:`write`; `values` may have attributes that are no column, to be read only."""
        row = NewRow(lambda row: self._load(session, row), table, values)
        self._waiting.append(row)
        return row

    def write(self, session: Session) -> None:
        """Insert all rows that wait, in one statement for each table."""
        waiting, self._waiting = self._waiting, []
        tables = dict.fromkeys(row._table for row in waiting)
        for table in tables:
            columns = table.__table__.columns.keys()
            of_table = [row for row in waiting if row._table is table]
            rows = ({name: row._values[name] for name in columns if name in row._values} for row in of_table)
            insert(session, table, rows)
        for row in waiting:
            row.__dict__["_written"] = True

    def forget(self) -> None:
        """Drop what waits: the transaction was rolled back."""
        self._waiting = []

    def _load(self, session: Session, row: NewRow) -> Any:
        if not row._written:
            self.write(session)
        return session.get_one(row._table, row._values["id"])


def insert(session: Session, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows in the session's transaction, without an object for each."""
    values = list(rows)
    if values:
        session.connection().execute(table.__table__.insert(), values)
