"""nbgrader's CSV export of grades, made safe: no cell is a formula, and no name breaks a row."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins.export import ExportPlugin

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
            for assignment in gradebook.assignments:
                for student in gradebook.students:
                    if (not self.assignment or assignment.name in self.assignment) and (
                        not self.student or student.id in map(str, self.student)
                    ):
                        table.writerow(map(plain, _row(gradebook, assignment, student)))


def _row(gradebook: Gradebook, assignment: Any, student: Any) -> list[Any]:
    """One row, as in nbgrader's export: a student who handed in nothing has 0 points."""
    timestamp, points, penalty = None, 0.0, 0.0
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
        timestamp, points, penalty = submission.timestamp, submission.score, submission.late_submission_penalty
    except MissingEntry:
        pass
    known = [assignment.name, assignment.duedate, timestamp, student.id]
    known += [student.last_name, student.first_name, student.email]
    return [*known, points, penalty, max(0.0, points - penalty), assignment.max_score]
