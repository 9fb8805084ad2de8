"""A sprint's report as one HTML file: no script, nothing loaded from elsewhere, text of students made harmless.

Everything that is put into the page goes through :func:`autograder.text.clean`, and jinja escapes it. The page's
content security policy allows styles only.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.reports.class_report import charts
from autograder.reports.class_report.analysis import ENDS
from autograder.reports.class_report.data import Student
from autograder.reports.class_report.statistics import Correlation
from autograder.reports.class_report.values import Bin, ClassReport, MessageFigures, SignatureFigures, TaskFigures
from autograder.reports.class_report.words import words
from autograder.text import clean

MOST_NAMES, MOST_LISTED, INLINE = 200, 40, 12
"""How many students a figure lists, how many signatures and messages a page shows (the JSON has all), and how many
students stand in a line of text."""
UNDEFINED = "–"
NEXT = {
    "disagree": "autograder autograde {} --force",
    "ungraded": "autograder autograde {}",
    "pending": "autograder autograde {} --pending",
    "outdated": "autograder autograde {} --regrade",
}
"""The command that helps with what needs the instructor; for the rest there is none."""
MAX_VALUE = 2_000


def render(template: str, **context: Any) -> str:
    """A template with its context; text is cleaned and escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("template")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=lambda value: clean(value, MAX_VALUE) if type(value) is str else value,
    )
    return environment.get_template(template).render(**context)


def sprint_page(report: ClassReport, language: str, course_page: str = "") -> str:
    """The page. ``course_page``: the address of the page of the course, empty if there is none."""
    page = SprintPage(report, language, course_page)
    return render("sprint.html.jinja", page=page, w=page.w, language=page.language, title=page.title)


def number(value: float | None, digits: int = 2) -> str:
    """A number with at most so many digits after the point; a dash for None."""
    if value is None:
        return UNDEFINED
    text = f"{value:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", "−")


def percent(share: float | None, of: float | None = 1.0) -> str:
    """A share of something in percent; a dash for None, and of nothing.

    Only nothing is 0 %, and only everything is 100 %.
    """
    if share is None or not of:
        return UNDEFINED
    part = share / of
    if 0 < part < 0.005:
        return "< 1 %"
    return "> 99 %" if 0.995 <= part < 1 - 1e-9 else f"{100 * part:.0f} %"


class SprintPage:
    """What the template asks for besides the report's own values."""

    most, most_listed, inline, ends = MOST_NAMES, MOST_LISTED, INLINE, ENDS
    num, percent = staticmethod(number), staticmethod(percent)

    def __init__(self, report: ClassReport, language: str, course_page: str) -> None:
        self.report, self.course_page = report, course_page
        known = words(language)
        self.language, self.definitions, self.w = known.language, known.definitions, known.words
        self.title = self.w["title"].format(sprint=report.sprint)
        self.names: dict[str, Student] = report.names()
        self.anchors = {line.student.id: f"s{place}" for place, line in enumerate(report.students, 1)}
        self.task_anchors = {task.id: f"t{place}" for place, task in enumerate(report.tasks, 1)}
        tests = [test for task in report.tasks for test in task.tests]
        self.test_anchors = {test.name: f"p{place}" for place, test in enumerate(tests, 1)}
        self.titles = {test.name: test.title for test in tests}
        listed: list[SignatureFigures | MessageFigures] = [*report.misconceptions, *report.candidates, *report.messages]
        self.signature_anchors = {one.id: f"c{place}" for place, one in enumerate(listed, 1)}
        self.left_out = ", ".join(task.id for task in report.tasks if not task.in_total)

    @property
    def sections(self) -> list[tuple[str, str]]:
        """The anchors and headings of the page's sections."""
        found = ["needs", "totals", "tasks", "misconceptions", "messages", "tests"]
        found += ["progress"] * (self.report.progress is not None)
        found += [] if self.report.anonymous else ["talk", "students"]
        return [(name, self.w["all_students" if name == "students" else name]) for name in (*found, "definitions")]

    @property
    def histogram(self) -> Markup | None:
        """The picture of the totals; None if nobody has one."""
        bins = self.report.bins
        if not bins:
            return None
        labels, counts = [self.bin_label(one) for one in bins], [one.group.count for one in bins]
        return charts.histogram(labels, counts, self.w["points"], self.w["students"], self.w["histogram"])

    def next_command(self, kind: str) -> str:
        """What to do about one of the needs; "" if no command helps."""
        return NEXT.get(kind, "").format(self.report.sprint)

    def sparkline(self, task: TaskFigures) -> Markup | str:
        """The picture of a task's fifths; a dash if there are none."""
        shares = tuple(one.mean for one in task.fifths)
        if all(share is None for share in shares):
            return UNDEFINED
        said = self.w["fifths_chart"].format(task=task.id, shares=", ".join(map(percent, shares)))
        return charts.sparkline(shares, clean(said, 300))

    def bin_label(self, one: Bin) -> str:
        """The range of a bin."""
        return f"{number(one.low, 1)}–{number(one.high, 1)}"

    def breakable(self, name: str) -> Markup:
        """A test's name that may be broken between its words, not within one."""
        return Markup(re.sub(r"(::|_)", r"\1<wbr>", str(escape(clean(name, MAX_VALUE)))))

    def interval(self, r: Correlation) -> str:
        """A correlation's interval; a dash if there is none."""
        return UNDEFINED if r.low is None else f"{number(r.low)} … {number(r.high)}"
