"""Do CSV and JSON have the figures of the page, for a parser of their own?"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from autograder.reports.class_report.analysis import analyse
from autograder.reports.class_report.course import course_report
from autograder.reports.class_report.tables import course_csv, report_csv, report_json
from tests.support.class_data import NAN, by_scores, by_tests


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_for_each_task_and_test() -> None:
    report = analyse(by_tests({"ada": "PF", "bob": "PP", "eve": "FT"}, {"add": ("plus", "minus")}))
    found = rows(report_csv(report))
    assert [(row["kind"], row["task"], row["test"]) for row in found] == [
        ("task", "add", ""), ("test", "add", "test_add.py::test_plus"), ("test", "add", "test_add.py::test_minus"),
    ]  # fmt: skip
    assert float(found[0]["facility"]) == pytest.approx(0.5)
    assert (found[2]["passed"], found[2]["failed"], found[2]["timeout"]) == ("1", "1", "1")
    assert found[0]["median_seconds"] == "1.0"


def test_undefined_is_empty_and_null() -> None:
    report = analyse(by_scores([[1.0, NAN]]))
    assert {row["discrimination"] for row in rows(report_csv(report))} == {""}
    document = json.loads(report_json(report))
    assert document["tasks"][1]["facility"] is None
    assert document["students"][0]["points"] == [1, None]


def test_json_has_everything() -> None:
    document = json.loads(report_json(analyse(by_scores([[1, 0], [0, 0], [1, 1]]))))
    assert (document["schema"], document["kind"], document["spread"]["mean"]) == (1, "sprint", 1)
    assert document["zero"]["students"] == ["s001"]


def test_half_a_character_in_a_name_is_no_obstacle() -> None:
    text = report_json(analyse(by_scores([[1]], needs={"ungraded": ("x\udc80",)})))
    assert json.loads(text.encode("utf-8"))["needs"][0]["group"]["students"] == ["x\udc80"]


def test_no_field_is_a_formula() -> None:
    data = by_tests({"ada": "P"}, {"add": ("plus",)})
    data.tests = (replace(data.tests[0], title="=HYPERLINK(1)"),)
    assert rows(report_csv(analyse(data)))[1]["title"] == "'=HYPERLINK(1)"


def test_the_course_has_a_row_for_each_sprint() -> None:
    course = course_report([analyse(by_scores([[1], [0]]))])
    (row,) = rows(course_csv(course))
    assert (row["sprint"], row["handed_in"], row["mean"]) == ("tiny", "2", "0.5")
    assert json.loads(report_json(course))["kind"] == "course"
