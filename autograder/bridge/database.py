"""One SQLAlchemy engine per gradebook, shared by everything nbgrader does in a process; indexes for its tables."""

from __future__ import annotations

import functools
from typing import Any

import nbgrader.api
from sqlalchemy import Index
from sqlalchemy.engine import Engine, create_engine, make_url
from sqlalchemy.pool import NullPool

INDEXED = {
    nbgrader.api.Grade: "notebook_id",
    nbgrader.api.Comment: "notebook_id",
    nbgrader.api.SubmittedNotebook: "assignment_id",
    nbgrader.api.SubmittedAssignment: "student_id",
}
"""Columns by which nbgrader adds up a submission's points and finds a student's submissions, without an index."""


def install() -> None:
    """Make nbgrader reuse the engine of a gradebook that is a file.

    nbgrader opens the gradebook nine times per submission. Each time it makes a new engine, which compiles every query
    again; that takes a tenth of a second. Connections are not reused, so a file that was replaced is still reopened.
    """
    nbgrader.api.create_engine = _engine


def _engine(url: str, **options: Any) -> Engine:
    """The replacement for `create_engine` in nbgrader."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return _kept(url, tuple(sorted(options.items())))
    return create_engine(url, **options)


@functools.lru_cache(maxsize=8)
def _kept(url: str, options: tuple[tuple[str, Any], ...]) -> Engine:
    return create_engine(url, poolclass=NullPool, **dict(options))


def add_indexes(engine: Engine) -> None:
    """Add indexes on :data:`INDEXED` to an SQLite gradebook that lacks them.

    Without them each sum of a submission's points goes through everybody's grades: the formgrader's page of an
    assignment, and the export, take time with the square of the class. PostgreSQL builds hash tables instead, and with
    these indexes its plans are slower.
    """
    if engine.dialect.name != "sqlite":
        return
    for table, column in INDEXED.items():
        columns = table.__table__.c
        index = Index(f"autograder_{table.__tablename__}_{column}", columns[column])
        table.__table__.indexes.discard(index)  # nbgrader's own tables stay as they are: this process may open others
        index.create(engine, checkfirst=True)
