"""The course: all sprints side by side, and each student's line through the term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.reports.class_report import charts
from autograder.reports.class_report.anonymous import anonymous as without_names
from autograder.reports.class_report.data import Student
from autograder.reports.class_report.page import number, percent, render
from autograder.reports.class_report.values import ClassReport
from autograder.reports.class_report.words import words

MOST_LINES = 500
"""With more students, the page has no line for each."""


@dataclass(frozen=True)
class SprintFigures:
    """One sprint in a row; mean, median and deviation are shares of the maximum."""

    sprint: str
    handed_in: int | None
    absent: int | None
    mean: float | None
    median: float | None
    deviation: float | None
    at_zero: int | None
    at_full: int | None
    reliability: float | None
    needs: int | None


@dataclass(frozen=True)
class StudentTerm:
    """A student's shares of the points, and the addresses of the feedback, sprint by sprint."""

    student: Student
    shares: tuple[float | None, ...]
    links: tuple[str, ...]


@dataclass(frozen=True)
class CourseReport:
    """All sprints and all students."""

    sprints: tuple[SprintFigures, ...]
    lines: tuple[StudentTerm, ...]
    notes: tuple[str, ...] = ()
    anonymous: bool = False


def course_report(
    reports: Sequence[ClassReport], notes: Sequence[str] = (), *, anonymous: bool = False
) -> CourseReport:
    """Put the reports on sprints side by side. ``notes``: which sprints could not be reported, and why."""
    if anonymous:
        return CourseReport(tuple(_figures(without_names(one)) for one in reports), (), (), anonymous=True)
    return CourseReport(tuple(map(_figures, reports)), tuple(_lines(reports)), tuple(notes))


def course_page(course: CourseReport, language: str, pages: Mapping[str, str]) -> str:
    """The page. ``pages``: the address of each sprint's page, empty where there is none."""
    page = CoursePage(course, language, pages)
    return render("course.html.jinja", page=page, w=page.w, language=page.language, title=page.w["course_title"])


def index_page(pages: Sequence[tuple[str, str]], language: str) -> str:
    """A page with links, by name and address."""
    known = words(language)
    return render("index.html.jinja", pages=pages, w=known.words, language=known.language, title=known["course_title"])


class CoursePage:
    """What the template asks for besides the values."""

    num, percent = staticmethod(number), staticmethod(percent)
    most_lines = MOST_LINES

    def __init__(self, course: CourseReport, language: str, pages: Mapping[str, str]) -> None:
        self.course = course
        known = words(language)
        self.language, self.w = known.language, known.words
        self.pages = {one.sprint: pages.get(one.sprint, "") for one in course.sprints}
        self.with_lines = len(course.lines) <= MOST_LINES

    @property
    def chart(self) -> Markup | None:
        """The picture of the medians; None if there are fewer than two."""
        medians = [one.median for one in self.course.sprints]
        if sum(median is not None for median in medians) < 2:
            return None
        labels = [str(place) for place in range(1, len(medians) + 1)]
        return charts.lines(labels, [medians], self.w["median_share"], self.w["course_chart"])

    def line(self, line: StudentTerm) -> Markup | str:
        """The picture of a student's shares; a dash if there are fewer than two."""
        if sum(share is not None for share in line.shares) < 2:
            return "–"
        return charts.sparkline(line.shares, self.w["line_of"].format(student=line.student.id))


def _figures(report: ClassReport) -> SprintFigures:
    spread, maximum = report.spread, report.maximum

    def share(points: float | None) -> float | None:
        return points / maximum if points is not None and maximum > 0 else None

    needs = {student for need in report.needs for student in need.group.students}
    return SprintFigures(
        report.sprint, report.handed_in, report.absent, share(spread.mean), share(spread.median),
        share(spread.deviation), report.zero.count, report.full.count, report.reliability,
        None if report.anonymous else len(needs),
    )  # fmt: skip


def _lines(reports: Sequence[ClassReport]) -> list[StudentTerm]:
    students: dict[str, Student] = {}
    shares: list[dict[str, tuple[float | None, str]]] = []
    for report in reports:
        students |= report.names()
        shares.append(
            {
                line.student.id: (
                    line.total / report.maximum if line.total is not None and report.maximum > 0 else None,
                    line.student.feedback,
                )
                for line in report.students
            }
        )
    return [
        StudentTerm(
            student,
            tuple(of.get(name, (None, ""))[0] for of in shares),
            tuple(of.get(name, (None, ""))[1] for of in shares),
        )
        for name, student in sorted(students.items())
    ]
