"""The gradebook of a class: its database may be locked or out of reach for a while."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from autograder.errors import BadInput

DATABASE_S = 60

T = TypeVar("T")


def patiently(action: Callable[[], T], coursedir: CourseDirectory, log: logging.Logger) -> T:
    """Do something with the gradebook, again and again while it is locked or cannot be reached.

    Raises
    ------
    BadInput
        when it cannot be used for a minute.
    """
    end = time.monotonic() + DATABASE_S
    while True:
        try:
            return action()
        except (OperationalError, InvalidEntry) as error:
            cause = error if isinstance(error, OperationalError) else error.__context__
            if not isinstance(cause, OperationalError):
                raise
            if time.monotonic() > end:
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
