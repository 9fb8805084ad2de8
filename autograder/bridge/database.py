"""One SQLAlchemy engine per gradebook, shared by everything nbgrader does in a process."""

from __future__ import annotations

import functools
from typing import Any

import nbgrader.api
from sqlalchemy.engine import Engine, create_engine, make_url
from sqlalchemy.pool import NullPool


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
