"""Does `autograder report` say what the gradebook and the results say, and in one line what is wrong?"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograder.bridge import course_settings
from autograder.bridge.course_settings import KEPT
from autograder.grading.results import read_results
from tests.support.classes import FAULTY, MAIN
from tests.support.commands import refused
from tests.support.courses import SLUG, python
from tests.support.types import Command


def book(course: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{course}/course/gradebook.db")


def change(course: Path, statement: str, *values: object) -> None:
    """Change the gradebook as somebody with a database tool would."""
    with sqlite3.connect(course / "course" / "gradebook.db") as rows:
        rows.execute(statement, values)
    rows.close()


def report(autograder: Command, *options: object, sprint: str = SLUG) -> dict[str, Any]:
    """The report as JSON."""
    path = Path(str(options[0])) if options else Path("report.json").absolute()
    status, _, err = autograder("report", sprint, "--json", path, *options[1:])
    assert status == 0, err
    return dict(json.loads(path.read_text()))


def needs(document: dict[str, Any]) -> dict[str, list[str]]:
    return {need["kind"]: need["group"]["students"] for need in document["needs"]}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_points_are_those_of_the_gradebook(course: Path, autograder: Command) -> None:
    document = report(autograder)
    tasks = [task["id"] for task in document["tasks"]]
    assert tasks == ["double", "half", "stock", "on_gpu", "faulty"]
    with book(course) as gradebook:
        for line in document["students"]:
            for task, points in zip(tasks, line["points"], strict=True):
                grade = gradebook.find_grade(task, SLUG, SLUG, line["student"]["id"])
                assert points == (grade.manual_score if grade.manual_score is not None else grade.auto_score)
    assert [line["student"]["id"] for line in document["students"]] == ["ada", "missing", "noisy", "wrong"]


def test_what_nobody_has_points_for_is_not_in_the_totals(course: Path, autograder: Command) -> None:
    """A cell waits for a GPU and one is broken, for everybody."""
    document = report(autograder)
    assert {task["id"]: task["in_total"] for task in document["tasks"]} == {
        "double": True, "half": True, "stock": True, "on_gpu": False, "faulty": False,
    }  # fmt: skip
    assert (document["maximum"], document["counted"]) == (4, 4)
    assert {line["student"]["id"]: line["total"] for line in document["students"]}["ada"] == 4
    assert needs(document)["broken"] == needs(document)["pending"] == ["ada", "missing", "noisy", "wrong"]


def test_a_misconception_is_named_by_its_chaff(course: Path, autograder: Command) -> None:
    (one,) = report(autograder)["misconceptions"]
    assert [chaff[:2] for chaff in one["chaffs"]] == [["nothing_is_one", "Nothing is not doubled: it becomes one."]]
    assert (course / "course" / "report" / one["chaffs"][0][2]).is_file()
    assert (one["id"], one["task"], one["group"]["students"]) == ("nothing_is_one", "double", ["wrong"])


def test_what_was_left_as_released_is_not_attempted(course: Path, autograder: Command) -> None:
    tasks = {task["id"]: task for task in report(autograder)["tasks"]}
    assert tasks["double"]["not_attempted"]["students"] == ["missing"]
    assert tasks["half"]["not_attempted"]["students"] == ["missing", "wrong"]
    (test,) = [test for test in tasks["half"]["tests"] if test["name"].endswith("test_half")]
    assert test["ended"]["not_attempted"]["students"] == ["missing", "wrong"]
    assert test["ended"]["error"]["count"] == 0


def test_hints_come_from_the_hidden_tests(course: Path, autograder: Command) -> None:
    (test,) = [
        test for task in report(autograder)["tasks"] for test in task["tests"] if test["name"].endswith("of_a_number")
    ]
    assert (test["title"], test["hint"]) == ("Twice a number is the number added to itself.", "multiply.")


def test_a_mark_of_a_person_counts(course: Path, autograder: Command) -> None:
    with book(course) as gradebook:
        grade = gradebook.find_grade("faulty", SLUG, SLUG, "ada")
        grade.manual_score, grade.needs_manual_grade = 0.5, False
        gradebook.db.commit()
    document = report(autograder)
    assert document["students"][0]["points"][4] == 0.5
    assert "ada" not in needs(document)["broken"]


def test_the_gradebook_wins_and_the_student_is_named(course: Path, autograder: Command) -> None:
    cell = "SELECT id FROM base_cell WHERE name = 'half'"
    change(course, f"UPDATE grade SET auto_score = 0.25 WHERE cell_id IN ({cell}) AND auto_score = 1")
    status, out, err = autograder("report", SLUG)
    assert status == 0
    assert "the gradebook and results.json disagree on ada, noisy: the gradebook counts" in err
    assert err.count("\n") == 1
    assert "2 disagree" in out
    document = report(autograder)
    assert document["students"][0]["points"][1] == 0.25


def test_a_student_without_results_or_without_rows_is_named(course: Path, autograder: Command) -> None:
    results = course / "course" / "results"
    (results / "ada" / SLUG / "results.json").unlink()
    shutil.copytree(results / "noisy", results / "ghost")
    document = report(autograder)
    assert needs(document)["disagree"] == ["ada", "ghost"]
    assert "ghost" not in [line["student"]["id"] for line in document["students"]]
    assert document["students"][0]["total"] == 4


def test_who_handed_in_nothing_is_in_no_denominator(course: Path, autograder: Command) -> None:
    with book(course) as gradebook:
        gradebook.add_student("zoe", first_name="Zoë", last_name="<script>")
    document = report(autograder)
    assert needs(document)["not_handed_in"] == ["zoe"]
    assert (document["handed_in"], document["absent"]) == (4, 1)
    assert document["tasks"][0]["count"] == 4
    autograder("report", SLUG)
    page = (course / "course" / "report" / f"{SLUG}.html").read_text()
    assert "<script" not in page
    assert "Zoë &lt;script&gt;" in page


def test_late_handed_in_again_and_not_graded(course: Path, autograder: Command) -> None:
    with book(course) as gradebook:
        assignment = gradebook.find_assignment(SLUG)
        handed_in = gradebook.find_submission(SLUG, "noisy").timestamp
        assignment.duedate = handed_in - timedelta(hours=1)
        gradebook.find_submission(SLUG, "ada").extension = timedelta(hours=2)
        gradebook.db.commit()
    submitted = course / "course" / "submitted"
    (submitted / "wrong" / SLUG / "timestamp.txt").write_text("2031-02-02 15:58:23.948203 UTC")
    (submitted / "new" / SLUG).mkdir(parents=True)
    found = needs(report(autograder))
    assert found["late"] == ["noisy", "wrong"]
    assert found["ungraded"] == ["new", "wrong"]
    assert "new" not in found.get("not_handed_in", [])


def test_graded_before_the_graders_changed(course: Path, autograder: Command) -> None:
    assert "outdated" not in needs(report(autograder))
    grader = course / "graders" / SLUG / "test_half.py"
    grader.write_text(grader.read_text() + "\n# changed\n")
    assert needs(report(autograder))["outdated"] == ["ada", "missing", "noisy", "wrong"]


def test_a_chaff_that_cannot_be_read_is_named_and_the_rest_is_reported(course: Path, autograder: Command) -> None:
    (course / "reference" / SLUG / "chaffs" / "bad.diff").write_text("")
    status, _, err = autograder("report", SLUG)
    assert status == 0
    assert "bad.diff" in err
    assert err.rstrip().endswith("this chaff was left out")


# pages


def test_the_page_is_beside_the_gradebook_and_linked_there(course: Path, autograder: Command) -> None:
    status, out, _ = autograder("report", SLUG)
    page = course / "course" / "report" / f"{SLUG}.html"
    assert (status, out.splitlines()[-1]) == (0, str(page))
    assert f'href="report/{SLUG}.html"' in (course / "course" / "report.html").read_text()


def test_autograde_makes_the_page_and_names_it(course: Path) -> None:
    """Also when there is nothing to grade; a dry run writes nothing."""
    page = course / "course" / "report" / f"{SLUG}.html"
    shutil.rmtree(page.parent)
    dry = python(course, "-c", MAIN, "autograde", SLUG, "--dry-run", status=FAULTY)
    assert "at a glance" not in dry
    assert not page.exists()
    said = python(course, "-c", MAIN, "autograde", SLUG, status=FAULTY)
    assert f"the class at a glance: {page}\n" in said
    assert page.is_file()
    (course / "course" / "results" / "ada" / SLUG / "results.json").write_text("{}")
    said = python(course, "-c", MAIN, "autograde", SLUG, status=FAULTY)
    assert "autograder: there is no report: " in said
    assert "Traceback" not in said


def test_links_lead_to_feedback_that_exists(course: Path, autograder: Command, tmp_path: Path) -> None:
    feedback = course / "course" / "feedback" / "ada" / SLUG / f"{SLUG}.html"
    feedback.parent.mkdir(parents=True)
    feedback.touch()
    autograder("report", SLUG, "--html", tmp_path / "elsewhere.html")
    links = [line for line in (tmp_path / "elsewhere.html").read_text().split('"') if line.endswith(f"{SLUG}.html")]
    assert links == [f"course/course/feedback/ada/{SLUG}/{SLUG}.html"]
    assert (tmp_path / links[0]).is_file()


def test_a_second_run_makes_nothing_until_something_is_new(course: Path, autograder: Command) -> None:
    page = course / "course" / "report" / f"{SLUG}.html"

    def made() -> bool:
        status, out, err = autograder("report", SLUG)
        assert status == 0, err
        return "(nothing new)" not in out

    assert made()
    before = page.stat().st_mtime_ns
    assert not made()
    assert page.stat().st_mtime_ns == before
    results = course / "course" / "results" / "ada" / SLUG / "results.json"
    read_results(results, SLUG).write(results)
    assert made()
    change(course, "UPDATE grade SET manual_score = 1 WHERE auto_score IS NULL")
    assert made()
    page.write_text("edited")
    assert made()
    (course / "reference" / SLUG / "chaffs" / "nothing_is_one.diff").unlink()
    assert made()
    page.unlink()
    assert made()
    assert not made()


def test_a_second_run_says_again_what_is_wrong(course: Path, autograder: Command) -> None:
    shutil.rmtree(course / "course" / "results" / "ada")
    assert "disagree on ada" in autograder("report", SLUG)[2]
    _, out, err = autograder("report", SLUG)
    assert "(nothing new)" in out
    assert "disagree on ada" in err


def test_the_settings_are_asked_for_again_when_they_change(
    course: Path, autograder: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = course / "course" / "report" / f"{SLUG}.html"
    autograder("report", SLUG)
    assert (page.parent / KEPT).is_file()
    assert '<html lang="en">' in page.read_text()
    monkeypatch.setenv("COURSE_LANGUAGE", "ja")
    autograder("report", SLUG)
    assert '<html lang="ja">' in page.read_text()


def test_after_autograde_a_report_does_not_wait_for_nbgrader(
    course: Path, autograder: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = course / "course" / "report" / KEPT
    kept.unlink(missing_ok=True)
    autograder("autograde", SLUG, "--force", "--dry-run")
    assert not kept.exists()
    autograder("autograde", SLUG, "--force")
    said = kept.read_bytes()

    def waited(root: Path) -> None:
        raise AssertionError("nbgrader was asked")

    monkeypatch.setattr(course_settings, "nbgrader_in", waited)
    report(autograder)
    assert kept.read_bytes() == said
    monkeypatch.undo()


def test_the_course_and_its_students(course: Path, autograder: Command) -> None:
    status, out, err = autograder("report")
    assert status == 0, err
    folder = course / "course" / "report"
    assert out.splitlines()[-1] == str(folder / "index.html")
    text = (folder / "index.html").read_text()
    assert f'href="{SLUG}.html"' in text
    assert "noisy" in text
    assert 'href="index.html"' in (folder / f"{SLUG}.html").read_text()
    autograder("report", "--csv", folder / "course.csv", "--json", folder / "course.json")
    assert json.loads((folder / "course.json").read_text())["lines"][0]["student"]["id"] == "ada"
    assert (folder / "course.csv").read_text().splitlines()[1].startswith(f"{SLUG},4,0,")


def test_a_page_for_sharing_names_nobody(course: Path, autograder: Command) -> None:
    _, out, err = autograder("report", SLUG, "--anonymous")
    page = course / "course" / "report" / f"{SLUG}-anonymous.html"
    assert out.splitlines()[-1] == str(page)
    for name in ("ada", "noisy", "wrong", str(course)):
        assert name not in page.read_text().replace("Cronbach", "")
    assert err == ""


# bad input


def test_nothing_graded(course: Path, autograder: Command) -> None:
    refused(autograder("report", "another"), f"unknown sprint 'another': graded so far are {SLUG}")
    (course / "assignments" / "another").mkdir()
    refused(autograder("report", "another"), "nothing of 'another' has been graded: run 'autograder autograde another'")
    refused(autograder("report", "../course"), "unknown sprint")
    with book(course) as gradebook:  # as nbgrader leaves an assignment whose notebooks have other names
        gradebook.add_assignment("another")
        with gradebook.db.no_autoflush:
            gradebook.add_submission("another", "ada")
    refused(autograder("report", "another"), "'another' has no notebook another.ipynb")
    with book(course) as gradebook:
        gradebook.remove_submission("another", "ada")
    with book(course) as gradebook:
        for student in ("ada", "missing", "noisy", "wrong"):
            gradebook.remove_submission(SLUG, student)
    refused(autograder("report", SLUG), f"nothing of '{SLUG}' has been graded")
    refused(autograder("report"), "nothing has been graded")
    (course / "course" / "gradebook.db").unlink()
    refused(autograder("report", SLUG), "there is no gradebook")
    assert not (course / "course" / "gradebook.db").exists()


def test_no_course(autograder: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_ROOT", str(tmp_path))
    refused(autograder("report", SLUG), "is no course")


def test_results_of_an_older_format(course: Path, autograder: Command) -> None:
    path = course / "course" / "results" / "noisy" / SLUG / "results.json"
    path.write_text(path.read_text().replace('"schema": 1', '"schema": 0'))
    refused(autograder("report", SLUG), "results of schema 0 cannot be read")
    refused(autograder("report", SLUG), f"'autograder autograde {SLUG} --student noisy --force' grades it again")
    path.write_text("[]")
    refused(autograder("report", SLUG), "not a results.json")
    refused(autograder("report"), "not a results.json")


def test_a_gradebook_that_is_none(course: Path, autograder: Command) -> None:
    (course / "course" / "gradebook.db").write_text("no database" * 100)
    refused(autograder("report", SLUG), "gradebook.db cannot be used")


@pytest.mark.parametrize("option", ["--html", "--csv", "--json"])
def test_a_folder_that_cannot_be_written(course: Path, autograder: Command, tmp_path: Path, option: str) -> None:
    refused(autograder("report", SLUG, option, tmp_path / "no" / "f"), "cannot be written")
    refused(autograder("report", SLUG, option, tmp_path), "cannot be written")
    refused(autograder("report", SLUG, option, "/proc/report"), "cannot be written")


def test_what_is_no_plain_file_is_not_replaced(course: Path, autograder: Command, tmp_path: Path) -> None:
    pipe, away = tmp_path / "pipe", tmp_path / "link.html"
    os.mkfifo(pipe)
    away.symlink_to(tmp_path / "elsewhere.html")
    for path in (pipe, away):
        refused(autograder("report", SLUG, "--html", path), f"{path} cannot be written: it is a link or a device")
    assert pipe.is_fifo()
    assert away.is_symlink()


def test_two_outputs_need_two_files(course: Path, autograder: Command, tmp_path: Path) -> None:
    again = tmp_path / "one" / ".." / "f"
    (tmp_path / "one").mkdir()
    refused(autograder("report", SLUG, "--html", tmp_path / "f", "--csv", again), "is named twice")
    assert not (tmp_path / "f").exists()


def test_a_report_folder_that_is_a_file(course: Path, autograder: Command) -> None:
    shutil.rmtree(course / "course" / "report")
    (course / "course" / "report").write_text("a file")
    refused(autograder("report", SLUG), "cannot be written")


def test_a_release_that_is_gone(course: Path, autograder: Command) -> None:
    shutil.rmtree(course / "assignments")
    refused(autograder("report", SLUG), "run 'nbgrader generate_assignment")
