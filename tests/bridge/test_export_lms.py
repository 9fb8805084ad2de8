"""Do Canvas and Moodle get tables in their form, without formulas, and without grades that are not final?"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.bridge.export_lms import CanvasExport, LmsExport, MoodleExport

pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")  # nbgrader's add_submission


@pytest.fixture
def gradebook(tmp_path: Path):
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as book:
        book.add_assignment("two", duedate="2026-01-01 12:00 UTC")
        book.add_notebook("two", "two")
        book.add_grade_cell("double", "two", "two", max_score=3, cell_type="code")
        book.add_student("ada", first_name="Ada", last_name='Love, "lace"', email="ada@x", lms_user_id="71")
        for student in ("bob", "eve", "=cmd()", "pat"):
            book.add_student(student, first_name=None if student == "bob" else "@SUM(1+1)")
        for student, score in (("ada", 2.5), ("eve", 3.0), ("=cmd()", 0.0), ("pat", None)):
            book.add_submission("two", student, timestamp="2026-01-01 11:00 UTC")
            (grade,) = book.find_submission_notebook("two", "two", student).grades
            grade.auto_score, grade.needs_manual_grade = score, score is None
        book.find_submission_notebook("two", "two", "eve").late_submission_penalty = 1.0
        book.db.commit()
        yield book


def rows(plugin: type[LmsExport], gradebook: Gradebook, path: Path, **settings: object) -> dict[str, list[str]]:
    exporter = plugin(**settings)
    exporter.to = str(path)
    exporter.export(gradebook)
    with path.open(newline="", encoding="utf-8") as file:
        return {row[3] if plugin is CanvasExport else row[0]: row for row in csv.reader(file)}


def test_canvas(gradebook: Gradebook, tmp_path: Path) -> None:
    table = rows(CanvasExport, gradebook, tmp_path / "canvas.csv")
    assert list(table.values())[:2] == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "two"],
        ["    Points Possible", "", "", "", "", "3.0"],
    ]
    assert table["ada"] == ['Love, "lace", Ada', "71", "", "ada", "", "2.5"]
    assert (table["eve"][5], table["bob"][5], table["pat"][5]) == ("2.0", "", "")


def test_a_column_has_the_name_that_it_has_there(gradebook: Gradebook, tmp_path: Path) -> None:
    table = rows(CanvasExport, gradebook, tmp_path / "canvas.csv", columns={"two": "Sprint 2 (1234)"})
    assert table["SIS Login ID"][5] == "Sprint 2 (1234)"


def test_moodle(gradebook: Gradebook, tmp_path: Path) -> None:
    table = rows(MoodleExport, gradebook, tmp_path / "moodle.csv")
    assert table["Username"][4:] == ["Email address", "Assignment: two (Real)"]
    assert table["ada"] == ["ada", "71", "Ada", 'Love, "lace"', "ada@x", "2.5"]
    assert table["bob"] == ["bob", "", "", "", "", ""]


@pytest.mark.parametrize("plugin", [CanvasExport, MoodleExport])
def test_no_field_is_a_formula(gradebook: Gradebook, tmp_path: Path, plugin: type[LmsExport]) -> None:
    table = rows(plugin, gradebook, tmp_path / "grades.csv")
    assert "'=cmd()" in table
    fields = [field for row in table.values() for field in row]
    assert not [field for field in fields if field.startswith(("=", "+", "-", "@", "\t", "\r"))]
    text = (tmp_path / "grades.csv").read_text().splitlines()[-1]
    assert text.startswith('"')


def test_chosen_students_and_assignments(gradebook: Gradebook, tmp_path: Path) -> None:
    gradebook.add_assignment("other")
    table = rows(MoodleExport, gradebook, tmp_path / "m.csv", student=["eve"], assignment=["two"])
    assert list(table) == ["Username", "eve"]
    assert len(table["eve"]) == 6
