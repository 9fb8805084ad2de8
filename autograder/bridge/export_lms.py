"""Exports for the gradebooks of Canvas and Moodle: files that they import unchanged.

``nbgrader export --exporter=autograder.bridge.export_lms.CanvasExport --to canvas.csv``. A field is left empty if the
student handed in nothing or the grade is not final; the import then changes nothing.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.plugins.export import ExportPlugin
from traitlets import Dict

from autograder.bridge.export import Exported, submissions
from autograder.text import plain


class LmsExport(ExportPlugin):
    """One row per student, one column per assignment; subclasses define the form of the table."""

    FILE = ""
    NAME = "{}"
    columns = Dict(help="The LMS's name of each assignment's column, by the assignment's name here.").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the file; all text is quoted, and none of it is a formula."""
        path = Path(self.to or self.FILE)
        chosen = [one for one in gradebook.assignments if not self.assignment or one.name in self.assignment]
        students = [one for one in gradebook.students if not self.student or one.id in map(str, self.student)]
        self.log.info("Exporting %d grades of %d assignments to %s", len(students), len(chosen), path)
        with path.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
            for row in self.head(chosen):
                table.writerow([plain(value) for value in row])
            handed_in = [submissions(gradebook, assignment) for assignment in chosen]
            for student in students:
                points = [
                    self._points(assignment, found.get(student.id))
                    for assignment, found in zip(chosen, handed_in, strict=True)
                ]
                table.writerow([plain(value) for value in (*self.about(student), *points)])

    def head(self, assignments: list[Any]) -> list[list[Any]]:
        """The rows above the students' rows."""
        raise NotImplementedError

    def column(self, assignment: Any) -> str:
        """The name of an assignment's column."""
        return str(self.columns.get(assignment.name, self.NAME.format(assignment.name)))

    def about(self, student: Any) -> list[Any]:
        """The fields about a student at the start of the row."""
        raise NotImplementedError

    def _points(self, assignment: Any, submission: Exported | None) -> float | str:
        """Points after the late penalty; empty if there is no submission or no final grade."""
        if submission is None:
            return ""
        if submission.needs_manual_grade:
            self.log.warning("%s of %s is not final and left out", assignment.name, submission.student_id)
            return ""
        return round(max(0.0, submission.score - submission.late_submission_penalty), 4)


class CanvasExport(LmsExport):
    """Canvas expects five columns about a student, and a second row with the points possible.

    A student's id here is the login in Canvas; ``lms_user_id`` in the gradebook, if set, is the id in Canvas. An
    assignment's column must have the same name as in Canvas, with its number:
    ``c.CanvasExport.columns = {"define_by_run": "Sprint 1 (1234)"}``.
    """

    FILE = "canvas.csv"

    def head(self, assignments: list[Any]) -> list[list[Any]]:
        """The column names, then the points possible."""
        names = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
        worth = ["    Points Possible", "", "", "", "", *(float(one.max_score) for one in assignments)]
        return [[*names, *map(self.column, assignments)], worth]

    def about(self, student: Any) -> list[Any]:
        """The student's name, last name first as in Canvas, and ids."""
        name = ", ".join(part for part in (student.last_name, student.first_name) if part)
        return [name or student.id, student.lms_user_id or "", "", student.id, ""]


class MoodleExport(LmsExport):
    """Moodle's import asks how to map the columns: map ``Username`` or ``Email address`` to find the student."""

    FILE = "moodle.csv"
    NAME = "Assignment: {} (Real)"

    def head(self, assignments: list[Any]) -> list[list[Any]]:
        """The column names, as in Moodle's own export."""
        names = ["Username", "ID number", "First name", "Last name", "Email address"]
        return [[*names, *map(self.column, assignments)]]

    def about(self, student: Any) -> list[Any]:
        """What the gradebook knows about the student."""
        known = (student.lms_user_id, student.first_name, student.last_name, student.email)
        return [student.id, *(value or "" for value in known)]
