"""A sprint's due date in the gradebook: set exactly, and said in full."""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from autograder.bridge.course_settings import nbgrader_in
from autograder.bridge.late import LatePolicy
from autograder.bridge.say_due import line_of, released_line
from autograder.bridge.times import exact_time, in_full
from autograder.errors import BadInput


def due_date(root: Path, sprint: str, when: str | None = None) -> list[str]:
    """Set a sprint's due date if one is given, and say it, with what lateness costs.

    Parameters
    ----------
    root
        the course's folder
    when
        the date as :func:`~autograder.bridge.times.exact_time` reads it; "none" takes it away

    Raises
    ------
    BadInput
        when the date cannot be read, the course has no such assignment, or none is set and none is given.
    """
    app = nbgrader_in(root)
    zone = str(app.config.Exchange.get("timezone", "UTC"))
    exact = exact_time(when, zone) if when not in (None, "none") else None
    place = app.coursedir
    with Gradebook(place.db_url, place.course_id) as book:
        try:
            assignment = book.find_assignment(sprint)
        except MissingEntry:
            folders = [
                os.path.join(str(root), step, sprint) for step in (place.source_directory, place.release_directory)
            ]
            if when is None or not any(map(os.path.isdir, folders)):
                raise BadInput(f"the course has no assignment '{sprint}': see source/ for the names") from None
            assignment = book.update_or_create_assignment(sprint)
        if when is None and assignment.duedate is None:
            raise BadInput(f"{sprint} has no due date: give one, as in '2026-12-01 23:59 Europe/Berlin'")
        if when is not None:
            assignment.duedate = exact and exact.astimezone(UTC).replace(tzinfo=None)
            book.db.commit()
        handed_in = bool(assignment.submissions)
        stored = assignment.duedate
    if stored is None:
        said = [f"{sprint} has no due date"]
    else:
        said = [f"{sprint} is due {in_full(exact or stored.replace(tzinfo=UTC))}", LatePolicy(parent=app).rule()]
    if when is not None and handed_in:
        said.append(f"what was graded keeps its penalty until you run: autograder autograde {sprint} --force")
    released = released_line(Path(place.format_path(place.release_directory, ".", sprint), f"{sprint}.ipynb"))
    if released is not None and released != (line_of(app, stored) if stored else ""):
        again = f"nbgrader generate_assignment {sprint} --force && nbgrader release_assignment {sprint} --force"
        said.append(f"the released notebook says something else until you run: {again}")
    return said
