"""Work on the gradebook while it may be locked or out of reach; who is in it."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, NoSuchModuleError, ProgrammingError

from autograder.errors import BadInput

DATABASE_S = 60
HOPELESS = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""SQLite errors that do not go away by waiting."""
OURS = (DataError, IntegrityError, ProgrammingError)
"""Errors that are our fault, not the database's: the statement or its data is wrong."""

T = TypeVar("T")


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
