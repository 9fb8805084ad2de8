"""A report as CSV, a row for each task and test, and as JSON, with everything that the page shows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from autograder.reports.class_report.analysis import ENDS
from autograder.reports.class_report.course import CourseReport
from autograder.reports.class_report.values import ClassReport, TaskFigures, TestFigures
from autograder.text import clean, plain

SCHEMA = 1
_HEAD = (
    "sprint", "kind", "task", "test", "title", "points", "students", "facility", "discrimination", "discrimination_low",
    "discrimination_high", "efficiency", "fifth_1", "fifth_2", "fifth_3", "fifth_4", "fifth_5", "full", *ENDS,
    "median_seconds",
)  # fmt: skip


def report_json(report: ClassReport | CourseReport) -> str:
    """Everything in the report; an undefined or withheld figure is null."""
    kind = "course" if isinstance(report, CourseReport) else "sprint"
    document = {"schema": SCHEMA, "kind": kind, **asdict(report)}
    text = json.dumps(document, ensure_ascii=False, indent=1, default=str, allow_nan=False) + "\n"
    # half a character, as a folder's name can have, is written as JSON's own escape
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def report_csv(report: ClassReport) -> str:
    """The figures of tasks and tests; an undefined or withheld figure is an empty field."""
    return _csv(_HEAD, _rows(report))


def course_csv(course: CourseReport) -> str:
    """The figures of the sprints."""
    rows = [asdict(one) for one in course.sprints]
    head = tuple(rows[0]) if rows else ("sprint",)
    return _csv(head, (tuple(row.values()) for row in rows))


def _rows(report: ClassReport) -> Iterator[tuple[Any, ...]]:
    for task in report.tasks:
        yield (report.sprint, "task", task.id, "", "", *_task(task))
        for test in task.tests:
            yield (report.sprint, "test", task.id, test.name, clean(test.title, 300), *_test(test))


def _task(task: TaskFigures) -> tuple[Any, ...]:
    r = task.discrimination
    ends = {"not_attempted": task.not_attempted.count, "not_final": task.missing.count}
    return (
        task.max_points, task.count, task.facility, r.value, r.low, r.high, task.efficiency,
        *(one.mean for one in task.fifths), task.full.count, *(ends.get(end) for end in ENDS), task.seconds,
    )  # fmt: skip


def _test(test: TestFigures) -> tuple[Any, ...]:
    r = test.discrimination
    return (
        test.max_points, test.count, test.facility, r.value, r.low, r.high, None, *[None] * 5, None,
        *(test.ended[end].count for end in ENDS), None,
    )  # fmt: skip


def _csv(head: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(head)
    for row in rows:
        table.writerow([plain(round(value, 6) if isinstance(value, float) else value) for value in row])
    return text.getvalue()
