"""One SQLAlchemy engine for all of nbgrader's uses of a gradebook in one process."""

from __future__ import annotations

import functools
from typing import Any

import nbgrader.api
from sqlalchemy.engine import Engine, create_engine, make_url
from sqlalchemy.pool import NullPool


def install() -> None:
    """Have nbgrader keep the engine of a gradebook in a file.

    nbgrader opens the gradebook nine times a submission, each time with a new engine, which compiles every query anew:
    a tenth of a second. Connections are not kept: a file that was replaced is opened anew, as before.
    """
    nbgrader.api.create_engine = _engine


def _engine(url: str, **options: Any) -> Engine:
    """What nbgrader asks SQLAlchemy for."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return _kept(url, tuple(sorted(options.items())))
    return create_engine(url, **options)


@functools.lru_cache(maxsize=8)
def _kept(url: str, options: tuple[tuple[str, Any], ...]) -> Engine:
    return create_engine(url, poolclass=NullPool, **dict(options))
