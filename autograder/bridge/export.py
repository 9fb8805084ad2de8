"""nbgrader's CSV export of grades, made safe: no cell is a formula, and no name breaks a row."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, SubmittedAssignment
from nbgrader.plugins.export import ExportPlugin
from sqlalchemy.orm import undefer

from autograder.text import plain

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
    "late_submission_penalty", "score", "max_score",
)  # fmt: skip


class CsvExport(ExportPlugin):
    """Writes the columns of nbgrader's own CSV export.

    The values cannot be trusted: students choose the name of the folder that they hand in.
    """

    def export(self, gradebook: Gradebook) -> None:
        """Write one row for each student and assignment."""
        path = Path(self.to or "grades.csv")
        self.log.info("Exporting grades to %s", path)
        with path.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(COLUMNS)
            students = [one for one in gradebook.students if not self.student or one.id in map(str, self.student)]
            for assignment in gradebook.assignments:
                if not self.assignment or assignment.name in self.assignment:
                    handed_in = submissions(gradebook, assignment)
                    for student in students:
                        table.writerow(map(plain, _row(assignment, student, handed_in.get(student.id))))


def submissions(gradebook: Gradebook, assignment: Any) -> dict[str, Any]:
    """The submissions of an assignment with what is exported of them, by student.

    One query; nbgrader's own export sends three for each submission.
    """
    wanted = ("score", "late_submission_penalty", "needs_manual_grade")
    columns = [undefer(getattr(SubmittedAssignment, name)) for name in wanted]
    found = gradebook.db.query(SubmittedAssignment).options(*columns)
    return {one.student_id: one for one in found.filter(SubmittedAssignment.assignment_id == assignment.id)}


def _row(assignment: Any, student: Any, submission: Any) -> list[Any]:
    """One row, as in nbgrader's export: a student who handed in nothing has 0 points."""
    timestamp, points, penalty = None, 0.0, 0.0
    if submission is not None:
        timestamp, points, penalty = submission.timestamp, submission.score, submission.late_submission_penalty
    known = [assignment.name, assignment.duedate, timestamp, student.id]
    known += [student.last_name, student.first_name, student.email]
    return [*known, points, penalty, max(0.0, points - penalty), assignment.max_score]
