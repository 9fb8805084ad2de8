"""Collects a sprint's class from the gradebook and, in one pass, from the results.json of every student.

The gradebook decides: who handed in, when, and how many points. The results add how each test ended. Where the two
disagree, the student is named.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np

from autograder.bridge.attempts import read_attempts
from autograder.bridge.course_settings import CourseSettings
from autograder.bridge.gradebook_rows import GradeRow, SprintRows, SubmissionRows, graded_sprints, sprint_rows
from autograder.classroom.report.places import link
from autograder.classroom.report.remarks import read_remarks
from autograder.classroom.report.sprint_files import SprintFiles, sprint_files
from autograder.classroom.report.tables import Tables
from autograder.errors import BadInput
from autograder.grading.fingerprint import fingerprint
from autograder.grading.outcome import Outcome
from autograder.grading.results import Cell, Results, read_results
from autograder.reports.class_report.data import ClassData, Student
from autograder.reports.class_report.messages import names_in, normaliser
from autograder.text import clean

Progress = Callable[[int, int], None]
ROUNDING = 1e-6


def gather(
    settings: CourseSettings,
    sprint: str,
    page_folder: Path,
    *,
    reference: Path | None = None,
    progress: Progress | None = None,
) -> ClassData:
    """A sprint's class as plain data.

    Parameters
    ----------
    page_folder
        the folder of the page, from which links to feedback start
    reference
        the folder with the sprints' references and chaffs; that of the course unless given
    progress
        is called after each student with the number done and the number in all

    Raises
    ------
    BadInput
        when nothing has been graded, or a results.json cannot be read.
    """
    rows = sprint_rows(settings.db_url, sprint)
    if rows is None and not (Path(settings.release) / sprint).is_dir():
        known = ", ".join(graded_sprints(settings.db_url)) or "none"
        raise BadInput(f"unknown sprint '{sprint}': graded so far are {known}")
    if (rows is None or not rows.submissions) and sprint in graded_sprints(settings.db_url):
        raise BadInput(
            f"'{sprint}' has no notebook {sprint}.ipynb, and the report shows only the notebook with its assignment's"
            " name: the grades are in nbgrader's formgrader"
        )
    if rows is None or not rows.submissions:
        raise BadInput(f"nothing of '{sprint}' has been graded: run 'autograder autograde {sprint}' first")
    files = sprint_files(settings, sprint, rows.worth, page_folder, reference)
    return _Gathering(settings, sprint, rows, files, page_folder).run(progress)


class _Gathering:
    """One pass over a class."""

    def __init__(
        self, settings: CourseSettings, sprint: str, rows: SprintRows, files: SprintFiles, page_folder: Path
    ) -> None:
        self._settings, self._sprint, self._rows, self._files = settings, sprint, rows, files
        self._page_folder = page_folder
        self._needs: dict[str, list[str]] = {}
        self._attempts: dict[str, tuple[float, ...]] = {}
        self._tables = Tables(files.tasks, files.properties, normaliser(names_in(files.texts)))
        self._graders = fingerprint_of(Path(settings.graders) / sprint, Path(settings.release) / sprint, sprint)

    def run(self, progress: Progress | None) -> ClassData:
        submissions = dict(sorted(self._rows.submissions.items()))
        for done, (name, submission) in enumerate(submissions.items(), 1):
            self._student(name, submission)
            if progress is not None:
                progress(done, len(submissions))
        collected = self._in_step("submitted")
        for name in sorted(collected - submissions.keys()):
            self._note(name, "ungraded")
        for name in sorted(self._in_step("results") - submissions.keys()):
            if self._results_file(name).is_file():
                self._note(name, "disagree")
        absent = [name for name in self._rows.students if name not in submissions and name not in collected]
        for name in absent:
            self._note(name, "not_handed_in")
        tables = self._tables
        return ClassData(
            sprint=self._sprint,
            tasks=self._files.tasks,
            tests=tuple(tables.tests),
            students=tuple(self._known(name) for name in submissions),
            scores=np.array(tables.scores, dtype=np.float64).reshape(len(submissions), -1),
            attempted=np.array(tables.attempted, dtype=bool).reshape(len(submissions), -1),
            by_person=np.array(tables.by_person, dtype=bool).reshape(len(submissions), -1),
            outcomes=tables.outcomes(),
            seconds=tables.seconds(),
            said=tables.said(),
            messages=tuple(tables.messages),
            chaffs=self._files.chaffs,
            needs={kind: tuple(names) for kind, names in self._needs.items()},
            attempts=self._attempts,
            absent=tuple(self._known(name) for name in absent),
            remarks=read_remarks(self._settings).get(self._sprint, {}),
            notes=self._files.notes,
        )

    def _student(self, name: str, submission: SubmissionRows) -> None:
        path = self._results_file(name)
        try:
            results = read_results(path, self._sprint) if path.is_file() else None
        except BadInput as error:
            again = f"autograder autograde {self._sprint} --student {shlex.quote(name)} --force"
            raise BadInput(f"{error}; '{again}' grades it again") from None
        cells = {cell.id: cell for cell in results.cells} if results else {}
        self._tables.add(cells, submission)
        self._look(name, submission, results, cells)
        points = read_attempts(path.parent)
        if len(points) > 1:
            self._attempts[name] = points

    def _look(self, name: str, submission: SubmissionRows, results: Results | None, cells: dict[str, Cell]) -> None:
        """Note why the instructor should look at a submission."""
        grades = submission.grades
        open_cells = {cell for cell, grade in grades.items() if grade.points is None}
        outcomes = {test.outcome for cell in cells.values() if not cell.by_hand for test in cell.tests}
        waits = {
            test.outcome for cell in cells.values() if cell.id in open_cells and not cell.by_hand for test in cell.tests
        }
        broken = Outcome.BROKEN in waits or any(not cells[cell].rows for cell in open_cells & cells.keys())
        to_mark = {cell for cell, grade in grades.items() if grade.to_mark}
        for kind, holds in (
            ("disagree", results is None or any(_differ(cells.get(cell), grade) for cell, grade in grades.items())),
            ("ungraded", self._handed_in_again(name, submission.timestamp)),
            ("broken", broken),
            ("pending", Outcome.PENDING in waits),
            ("by_hand", bool(to_mark - (open_cells - self._written)) or bool(open_cells & self._written)),
            ("crashed", Outcome.CRASHED in outcomes),
            ("timeout", Outcome.TIMEOUT in outcomes),
            ("late", submission.late),
            ("outdated", results is not None and results.graded_with != self._graders),
        ):
            if holds:
                self._note(name, kind)

    @property
    def _written(self) -> set[str]:
        return {task.id for task in self._files.tasks if task.by_hand}

    def _handed_in_again(self, name: str, graded: datetime | None) -> bool:
        """Whether a later submission has been collected than the one in the gradebook."""
        path = self._settings.path("submitted", name, self._sprint) / "timestamp.txt"
        try:
            said = path.read_text(encoding="utf-8").strip().removesuffix("UTC").strip()
            return graded is not None and datetime.fromisoformat(said).replace(tzinfo=None) > graded
        except (OSError, ValueError):
            return False

    def _results_file(self, name: str) -> Path:
        return self._settings.path("results", name, self._sprint) / "results.json"

    def _in_step(self, step: str) -> set[str]:
        """The students who have a folder in one of nbgrader's steps."""
        before, _, after = self._settings.steps[step].replace("{assignment_id}", self._sprint).partition("{student_id}")
        try:
            names = os.listdir(before)
        except OSError:
            return set()
        return {name for name in names if not name.startswith(".") and os.path.isdir(f"{before}{name}{after}")}

    def _known(self, name: str) -> Student:
        page = self._settings.path("feedback", name, self._sprint) / f"{self._sprint}.html"
        shown = clean(self._rows.students.get(name, ""), 200)
        return Student(name, shown, link(self._page_folder, page) if page.is_file() else "")

    def _note(self, name: str, kind: str) -> None:
        self._needs.setdefault(kind, []).append(name)


def _differ(cell: Cell | None, grade: GradeRow) -> bool:
    """Whether the results have other points for a cell than the gradebook's automatic ones."""
    if cell is None or cell.by_hand:
        return False
    if cell.status != "graded":
        return grade.auto is not None
    return grade.auto is None or abs(cell.points - grade.auto) > ROUNDING


def fingerprint_of(graders: Path, release: Path, sprint: str) -> str:
    """What the sprint would be graded with now; see :func:`~autograder.grading.fingerprint.fingerprint`."""
    from autograder.environments import environments

    try:
        named = json.loads((release / f"{sprint}.ipynb").read_text(encoding="utf-8"))
        kernel = str(named.get("metadata", {}).get("kernelspec", {}).get("name", ""))
    except (OSError, ValueError, AttributeError):
        kernel = ""
    return fingerprint(graders, kernel if kernel in environments() else "")
