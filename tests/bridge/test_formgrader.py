"""Does a person who grades an answer in the formgrader decide its points, and no others?

The server is the one that `make lab` starts; its interface is the one that the formgrader's page in a browser uses.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import urllib.error
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.authoring.pairing import ROOT
from autograder.authoring.variants import fill, find_variant, reference
from autograder.demo.class_of_six import CONFIG
from tests.support.courses import command, python
from tests.support.labs import get, put, running_lab

pytestmark = pytest.mark.slow
SLUG = "framework_survey"
STUDENTS = {"ada": 29.0, "chen": 25.0, "emil": 0.0}
"""Points that tests give: everything right, the demo's two wrong tasks, nothing written."""


@dataclass
class Formgrader:
    """A running formgrader on a class that has been graded."""

    address: str
    course: Path

    def notebook(self, student: str) -> str:
        """The id of a student's notebook: the page's list has it."""
        rows = json.loads(get(f"{self.address}formgrader/api/submitted_notebooks/{SLUG}/{SLUG}"))
        return next(row["id"] for row in rows if row["student"] == student)

    def rows(self, kind: str, student: str) -> dict[str, dict[str, Any]]:
        """A student's grades or comments, by cell."""
        rows = json.loads(get(f"{self.address}formgrader/api/{kind}?submission_id={self.notebook(student)}"))
        return {row["name"]: row for row in rows}

    def exported(self) -> dict[str, float]:
        """What `nbgrader export` says of every student."""
        command(self.course, "export")
        rows = csv.DictReader((self.course / "grades.csv").read_text().splitlines())
        return {row["student_id"]: float(row["score"]) for row in rows}


@pytest.fixture(scope="module")
def formgrader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Formgrader]:
    """Three students, collected and autograded, and the formgrader."""
    course = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "source" / SLUG, course / "source" / SLUG)
    graders = str(ROOT / "autograder" / "graders")
    (course / "nbgrader_config.py").write_text(CONFIG.format(course=str(course), graders=graders, policy="preferred"))
    command(course, "generate_assignment", SLUG, "--force")
    released = nbformat.read(course / "assignments" / SLUG / f"{SLUG}.ipynb", as_version=4)
    wrong = find_variant(SLUG, "demo/two_tasks_wrong")
    for student, solutions in zip(STUDENTS, ([reference(SLUG)], [reference(SLUG), wrong], []), strict=True):
        folder = course / "course" / "submitted" / student / SLUG
        folder.mkdir(parents=True)
        nbformat.write(fill(released, *solutions), folder / f"{SLUG}.ipynb")
    command(course, "autograde", SLUG)
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    with running_lab(course, tmp_path_factory.mktemp("lab"), PYTHONPATH=path) as address:
        yield Formgrader(address, course)


def test_answers_wait_for_a_person(formgrader: Formgrader) -> None:
    """Is an answer open in the formgrader, none at all 0, and is everything else decided?"""
    for student, points in STUDENTS.items():
        grades = formgrader.rows("grades", student)
        written = {name for name, grade in grades.items() if grade["cell_type"] == "markdown"}
        assert written == {"what_the_chart_says", "which_way"}
        assert {name for name, grade in grades.items() if grade["needs_manual_grade"]} == (
            set() if student == "emil" else written
        )
        assert {grades[name]["auto_score"] for name in written} == ({0} if student == "emil" else {None})
        assert sum(grade["auto_score"] or 0 for grade in grades.values()) == points
    assert formgrader.rows("comments", "emil")["which_way"]["auto_comment"] == "No response."
    assert formgrader.exported() == STUDENTS


def test_the_page_shows_the_answer_and_a_field_for_its_points(formgrader: Formgrader) -> None:
    """Can a person read the answer and type points of so many, and is nothing of the tests in the page?"""
    page = get(f"{formgrader.address}formgrader/submissions/{formgrader.notebook('chen')}/").decode()
    assert "PyTorch is the" in re.sub(r"\s+", " ", page)
    for name, points in (("what_the_chart_says", "4.0"), ("which_way", "5.0")):
        assert re.search(rf'<input class="score[^>]*id="{name}"[^>]*>\s*/ {re.escape(points)}', page)
    assert "@pytest.mark" not in page


def test_points_typed_in_are_added_to_those_of_the_tests(formgrader: Formgrader) -> None:
    """Does the export have the sum, and does grading again leave what the person gave and said?"""
    for name, points in (("what_the_chart_says", 2), ("which_way", 3)):
        grade = formgrader.rows("grades", "chen")[name]
        answer = put(f"{formgrader.address}formgrader/api/grade/{grade['id']}", manual_score=points)
        assert (answer["manual_score"], answer["needs_manual_grade"]) == (points, False)
    comment = formgrader.rows("comments", "chen")["which_way"]
    put(f"{formgrader.address}formgrader/api/comment/{comment['id']}", manual_comment="What about the telephone?")
    assert formgrader.exported() == STUDENTS | {"chen": 25 + 5}

    command(formgrader.course, "generate_feedback", SLUG, "--student=chen")
    feedback = (formgrader.course / "course" / "feedback" / "chen" / SLUG / f"{SLUG}.html").read_text()
    assert "What about the telephone?" in feedback
    assert "<b>30 of 38 points</b>" in feedback

    again = "from autograder.cli import main; main()"
    said = python(formgrader.course, "-c", again, "autograde", SLUG, "--force", "--workers", "2")
    assert "3 graded, 0 pending" in said
    assert "2 have answers that a person grades" in said
    assert formgrader.exported() == STUDENTS | {"chen": 25 + 5}
    with Gradebook(f"sqlite:///{formgrader.course}/course/gradebook.db") as book:
        grade = book.find_grade("which_way", SLUG, SLUG, "chen")
        assert (grade.auto_score, grade.manual_score, grade.score) == (None, 3, 3)
        assert book.find_comment("which_way", SLUG, SLUG, "chen").manual_comment == "What about the telephone?"


def test_a_due_date_is_stored_as_it_was_meant_or_refused(formgrader: Formgrader) -> None:
    """Is the offset, which the page fills in itself, one of hours, and is an abbreviation refused with a reason?"""
    address = f"{formgrader.address}formgrader/api/assignment/{SLUG}"
    answer = put(address, duedate_notimezone="2026-06-30T23:59", duedate_timezone="+0200")
    assert answer["duedate_notimezone"] == "2026-06-30T21:59:00"
    with pytest.raises(urllib.error.HTTPError) as refused:
        put(address, duedate_notimezone="2026-06-30T23:59", duedate_timezone="JST")
    with refused.value as answered:
        assert answered.code == 400
    assert put(address, duedate_notimezone=None)["duedate"] is None
