"""The page of the course: gathers every sprint that has been graded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from autograder.bridge.course_settings import CourseSettings
from autograder.bridge.gradebook_rows import graded_sprints
from autograder.classroom.report.gather import gather
from autograder.classroom.report.places import COURSE, Wanted, link, writing
from autograder.errors import BadInput
from autograder.notebook.files import write_whole
from autograder.reports.class_report.analysis import analyse
from autograder.reports.class_report.course import course_page, course_report
from autograder.reports.class_report.page import sprint_page
from autograder.reports.class_report.tables import course_csv, report_json
from autograder.reports.class_report.values import ClassReport


def write_course(
    settings: CourseSettings, wanted: Wanted, reference: Path, progress: Callable[[int, int], None] | None
) -> tuple[str, tuple[str, ...]]:
    """Write the course's page and the pages of its sprints; return the course in one line, and what was left out."""
    folder = wanted.html.absolute().parent if wanted.html else settings.report_folder
    own = wanted.html is not None and folder == settings.report_folder and not wanted.anonymous
    reports, notes, pages = [], [], {}
    for sprint in graded_sprints(settings.db_url):
        try:
            report = analyse(gather(settings, sprint, folder, reference=reference, progress=progress))
        except BadInput as error:
            notes.append(f"{sprint}: {error}")
            continue
        reports.append(report)
        page = settings.report_folder / f"{sprint}.html"
        if own:
            with writing():
                write_whole(page, sprint_page(report, settings.language, f"{COURSE}.html"))
        pages[sprint] = link(folder, page) if page.is_file() and not wanted.anonymous else ""
    if not reports:
        raise BadInput(notes[0] if notes else "nothing has been graded: run 'autograder autograde SPRINT' first")
    course = course_report(reports, notes, anonymous=wanted.anonymous)
    with writing():
        if wanted.html:
            write_whole(wanted.html, course_page(course, settings.language, pages))
        if wanted.csv:
            write_whole(wanted.csv, course_csv(course))
        if wanted.json:
            write_whole(wanted.json, report_json(course))
    return _in_one_line(reports), tuple(notes)


def _in_one_line(reports: list[ClassReport]) -> str:
    students = {line.student.id for report in reports for line in report.students}
    counts = ((len(reports), "sprint"), (len(students), "student"))
    return ", ".join(f"{count} {what}{'s' * (count != 1)}" for count, what in counts) + " graded"
