"""The gradebook of a class: waited for when it cannot be reached, asked whom it knows."""

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
"""Errors of SQLite's that waiting does not mend."""
OURS = (DataError, IntegrityError, ProgrammingError)
"""Errors of the database's that are not its own: what was asked of it is wrong."""

T = TypeVar("T")


def patiently(action: Callable[[], T], coursedir: CourseDirectory, log: logging.Logger) -> T:
    """Do something with the gradebook, again and again while it is locked or cannot be reached.

    Raises
    ------
    BadInput
        when it cannot be used for a minute, or its database has no driver here.
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
    """The students whose submission of the assignment the gradebook knows.

    Raises
    ------
    BadInput
        when it does not know the assignment.
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
