"""Does the top of a page have the gradebook's points and the results' tests, and do the cells lead to it?"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, LoggingConfigurable

from autograder.bridge import overview
from autograder.bridge.overview import MAX_TOP, PLACE, TASK, TOP, Overview, fitted
from autograder.bridge.page_room import PAGE, size
from autograder.grading.results import Results
from autograder.reports.html import score_output
from tests.support.builders import code, graded, nbgrader, notebook, solution, text
from tests.support.pages_made import exporter, page
from tests.support.tops_made import cells, result, results, top

pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")  # nbgrader's add_submission
WRITTEN = nbgrader("essay", grade=True, solution=True, points=4, cell_type="markdown")
NAMES = {"assignment": "two", "notebook": "two", "student": "ada"}


def submission() -> NotebookNode:
    """A graded notebook with two tested cells under one heading, and a written answer under another."""
    return notebook(
        text("# Two\n\n## Task 1: `double` [it](x)", "first"),
        solution("solve_double", "def double(x):\n    return x"),
        graded("double", 2),
        graded("half", 1),
        text("## Task 2", "second"),
        NotebookNode(cell_type="markdown", id="essay", source="# My heading", metadata=NotebookNode(WRITTEN)),
    )


class Course:
    """A course in a folder with one submission."""

    def __init__(self, root: Path, *, due: str | None, came: str) -> None:
        self.url = f"sqlite:///{root}/gradebook.db"
        self.results = root / "results" / "ada" / "two" / "results.json"
        self.config = Config(
            LatePolicy={"penalty_per_day": 10},
            Exchange={"timezone": "Europe/Berlin"},
            CourseDirectory={
                "root": str(root),
                "release_directory": "assignments",
                "autograded_directory": "autograded",
            },
            HiddenGraders={"directory": str(root / "graders")},
        )
        (root / "graders" / "two").mkdir(parents=True)
        (root / "graders" / "two" / "test_double.py").touch()
        with Gradebook(self.url) as book:
            book.add_assignment("two", duedate=due)
            book.add_notebook("two", "two")
            for name, points in (("double", 2), ("half", 1)):
                book.add_grade_cell(name, "two", "two", max_score=points, cell_type="code")
            book.add_grade_cell("essay", "two", "two", max_score=4, cell_type="markdown")
            book.add_solution_cell("essay", "two", "two")
            book.add_student("ada")
            book.add_submission("two", "ada", timestamp=came)
            for name, points in (("double", 0), ("half", 1)):
                grade = book.find_grade(name, "two", "two", "ada")
                grade.auto_score, grade.needs_manual_grade = points, False
            book.db.commit()

    def made(self, nb: NotebookNode, ended: Results | None = None) -> tuple[NotebookNode, dict[str, Any]]:
        if ended is not None:
            ended.write(self.results)
        converter = LoggingConfigurable(config=self.config)
        converter.coursedir = CourseDirectory(parent=converter)  # type: ignore[attr-defined]
        step = Overview(parent=converter)
        resources: dict[str, Any] = {"nbgrader": {**NAMES, "db_url": self.url}}
        return step.preprocess(nb, resources)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path, due="2026-01-01 12:00 UTC", came="2026-01-03 12:00 UTC")


def ended() -> Results:
    found = results([result("double", "failed", "double(2) must be 4", worth=2)])
    return Results("two", "two", found.cells)


def said(resources: dict[str, Any]) -> str:
    return " ".join(BeautifulSoup(resources[TOP], "html.parser").get_text(" ").split())


def test_tasks_have_the_headings_of_the_notebook(course: Course) -> None:
    """Two cells under one heading have their names behind it; what a student wrote is no heading."""
    _, resources = course.made(submission())
    table = BeautifulSoup(resources[TOP], "html.parser").select("table th[scope=row]")
    assert [one.get_text(" ") for one in table] == ["Task 1: double it (double)", "Task 1: double it (half)", "Task 2"]


def test_tests_are_at_the_top_and_the_cell_leads_there(course: Course) -> None:
    nb = submission()
    for cell, done in zip(nb.cells[2:4], ended().cells, strict=False):
        cell.outputs = [score_output(done)]  # type: ignore[arg-type]
    nb, resources = course.made(nb, ended())
    assert "double(2) must be 4" in said(resources)
    assert [cell.metadata.get(TASK) for cell in nb.cells] == [None, None, 1, 2, None, None]
    assert [cell.metadata[PLACE] for cell in nb.cells] == [0, 1, 2, 3, 4, 5]
    assert nb.cells[2].outputs == []


def test_without_results_the_cells_keep_what_they_say(course: Course) -> None:
    nb = submission()
    nb.cells[2].outputs = [score_output(ended().cells[0])]  # type: ignore[arg-type]
    nb, resources = course.made(nb)
    assert "double(2)" not in resources[TOP]
    assert len(nb.cells[2].outputs) == 1
    assert "0 of 2 points" in said(resources)


def test_results_that_cannot_be_read_stop_no_page(course: Course) -> None:
    course.results.parent.mkdir(parents=True)
    course.results.write_text("{")
    assert "1 of 7 points" in said(course.made(submission())[1])


def test_it_says_when_it_was_due_and_how_late_it_is(course: Course) -> None:
    words = said(course.made(submission())[1])
    assert "2026-01-01 13:00 Europe/Berlin (CET), 12:00 UTC" in words
    assert "Handed in 2 days after the due date" in words
    assert "Every day begun costs 10 % of the points earned." in words


@pytest.mark.parametrize(("due", "words"), [("2026-01-03 12:00 UTC", "On time."), (None, "has no due date")])
def test_what_is_not_late(tmp_path: Path, due: str | None, words: str) -> None:
    text_of_page = said(Course(tmp_path, due=due, came="2026-01-03 12:00 UTC").made(submission())[1])
    assert words in text_of_page
    assert "after the due date" not in text_of_page


def test_it_is_said_in_the_courses_language(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_LANGUAGE", "ja")
    words = said(course.made(submission())[1])
    assert "締め切りから 2 日 遅れて提出されました" in words
    assert "遅れ 1 日ごとに、得点の 10 % を減点します" in words


def test_an_answer_waits_for_a_person_until_one_has_read_it(course: Course) -> None:
    assert "a person still reads this" in said(course.made(submission())[1])
    with Gradebook(course.url) as book:
        grade = book.find_grade("essay", "two", "two", "ada")
        grade.manual_score, grade.needs_manual_grade = 3, False
        book.find_comment("essay", "two", "two", "ada").manual_comment = "Well argued."
        book.db.commit()
    words = said(course.made(submission())[1])
    assert "Points were given by a person." in words
    assert "Comment: Well argued." in words


def test_a_page_of_the_formgrader_has_none() -> None:
    resources: dict[str, Any] = {"submission_id": "1"}
    Overview().preprocess(submission(), resources)
    assert TOP not in resources


@pytest.mark.parametrize("tests", [30, 300, 3_000])
def test_the_top_is_bounded(tests: int) -> None:
    """However many tests fail, and whatever they say: the texts are cut, or left to the cells."""
    message = "\n".join(["<&'" * 1_300, "What was called:", "    " + "&" * 4_000, "Hint: " + "&" * 4_000])
    failed = [result("double", "failed", message, title=f"t{n}") for n in range(tests)]
    html, with_tests = fitted(top(cells(0), results(failed)))
    assert size(html) <= MAX_TOP
    assert with_tests == (tests < 3_000)
    assert html.count("<li") >= tests or not with_tests


def test_the_page_shows_the_top_and_has_room_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    nb = notebook(code("#" * 900_000, "long"))
    nb.cells[0].outputs = [NotebookNode(output_type="stream", name="stdout", text="&" * 1_000_000)] * 4
    resources = {"nbgrader": {"notebook": "two", "score": 1, "max_score": 7, "late_penalty": 0}}
    monkeypatch.setattr(
        overview.Overview, "preprocess", lambda self, nb, res: (nb, res | {TOP: "<b>top</b>" * 180_000})
    )
    html = exporter("feedback").from_notebook_node(copy.deepcopy(nb), resources=resources)[0]
    assert html.count("<b>top</b>") == 180_000
    assert len(html.encode()) <= PAGE


def test_headings_of_a_notebook_are_below_the_pages() -> None:
    """In their order, without a step left out, whatever a student writes."""
    nb = notebook(text("# One\n\n### Three", "a"), text("<h6>Six</h6>\n\n## Two", "b"))
    found = BeautifulSoup(page(nb), "html.parser").find_all(["h1", "h2", "h3", "h4", "h5", "h6"])
    assert [one.name for one in found] == ["h1", "h2", "h3", "h4", "h5", "h4"]
    formgrader = BeautifulSoup(page(nb, "formgrade"), "html.parser").select("#notebook-container :is(h1, h3, h6, h2)")
    assert [one.name for one in formgrader if one.get("id", "").startswith("student-")] == ["h1", "h3", "h2"]
