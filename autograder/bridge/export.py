"""nbgrader's CSV export of grades, made safe: no cell is a formula, and no name breaks a row."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.plugins.export import ExportPlugin
from sqlalchemy import case, func, select

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


@dataclass(frozen=True)
class Exported:
    """What is exported of a submission: its points before the late penalty, and whether a person has to grade it."""

    student_id: str
    timestamp: datetime | None
    score: float
    late_submission_penalty: float
    needs_manual_grade: bool


def submissions(gradebook: Gradebook, assignment: Any) -> dict[str, Exported]:
    """The submissions of an assignment with what is exported of them, by student.

    Three queries, each of which goes through a table once. nbgrader's export sends three for each submission, and its
    sums are computed for each alone: without an index PostgreSQL goes through everybody's grades every time.
    """
    book, handed_in = SubmittedNotebook, SubmittedAssignment
    of_this = select(handed_in.id).where(handed_in.assignment_id == assignment.id)
    books = select(book.assignment_id, func.sum(book.late_submission_penalty)).group_by(book.assignment_id)
    open_ones = func.max(case((Grade.needs_manual_grade, 1), else_=0))
    grades = select(book.assignment_id, func.sum(Grade.score), open_ones).group_by(book.assignment_id)
    grades = grades.join(Grade, Grade.notebook_id == book.id)
    penalties = dict(gradebook.db.execute(books.where(book.assignment_id.in_(of_this))).all())
    points = {row[0]: row[1:] for row in gradebook.db.execute(grades.where(book.assignment_id.in_(of_this)))}
    columns = select(handed_in.id, handed_in.student_id, handed_in.timestamp)
    found = {}
    for key, student, timestamp in gradebook.db.execute(columns.where(handed_in.assignment_id == assignment.id)):
        score, to_grade = points.get(key, (0.0, 0))
        found[student] = Exported(student, timestamp, score or 0.0, penalties.get(key) or 0.0, bool(to_grade))
    return found


def _row(assignment: Any, student: Any, submission: Exported | None) -> list[Any]:
    """One row, as in nbgrader's export: a student who handed in nothing has 0 points."""
    timestamp, points, penalty = None, 0.0, 0.0
    if submission is not None:
        timestamp, points, penalty = submission.timestamp, submission.score, submission.late_submission_penalty
    known = [assignment.name, assignment.duedate, timestamp, student.id]
    known += [student.last_name, student.first_name, student.email]
    return [*known, points, penalty, max(0.0, points - penalty), assignment.max_score]
