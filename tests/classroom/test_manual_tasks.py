"""nbgrader's manually graded tasks: the student works in cells of their own, and a person gives the points."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.grading.results import read_results
from tests.support.builders import nbgrader
from tests.support.classes import MAIN, graded_by
from tests.support.courses import ANSWERS, NOTEBOOK, SLUG, TIME, answer, command, python, release_plain_course

TASK, WORTH = "draw_it", 5


@pytest.fixture(scope="module", params=[pytest.param("nbgrader", marks=pytest.mark.slow), "autograder"])
def course(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A course whose sprint has a task, one submission graded, and what the command said."""
    root = tmp_path_factory.mktemp("course")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_SEED", "any")
        release_plain_course(root)
        source = root / "source" / SLUG / NOTEBOOK
        nb = nbformat.read(source, as_version=4)
        settings = nbgrader(TASK, task=True, locked=True, points=WORTH, cell_type="markdown")
        nb.cells.append(nbformat.v4.new_markdown_cell("Draw it below.", id=TASK, metadata=settings))
        nbformat.write(nb, source)
        command(root, "generate_assignment", SLUG, "--force")
        nb = answer(nbformat.read(root / "assignments" / SLUG / NOTEBOOK, as_version=4), **ANSWERS)
        nb.cells.append(nbformat.v4.new_code_cell("print('drawn')"))
        folder = root / "course" / "submitted" / "ada" / SLUG
        folder.mkdir(parents=True)
        nbformat.write(nb, folder / NOTEBOOK)
        (folder / "timestamp.txt").write_text(TIME)
        return root, graded_by(root, request.param)


def grade(root: Path) -> tuple[float | None, float | None, bool]:
    with Gradebook(f"sqlite:///{root}/course/gradebook.db") as book:
        row = book.find_grade(TASK, SLUG, SLUG, "ada")
        return row.auto_score, row.manual_score, row.needs_manual_grade


def test_the_formgrader_asks_for_a_person(course: tuple[Path, str]) -> None:
    assert grade(course[0]) == (None, None, True)


def test_it_is_among_the_results(course: tuple[Path, str]) -> None:
    results = read_results(course[0] / "course" / "results" / "ada" / SLUG / "results.json", SLUG)
    (task,) = (cell for cell in results.cells if cell.id == TASK)
    assert (task.by_hand, task.status, task.points, task.max_points) == (True, "pending", 0, WORTH)


def test_the_class_is_told(course: tuple[Path, str]) -> None:
    if "pending" in course[1]:  # nbgrader's command has no standing
        assert "1 have answers that a person grades" in course[1]


def test_the_report_counts_it_as_waiting_and_then_the_persons_points(course: tuple[Path, str]) -> None:
    root, page = course[0], course[0] / "report.json"

    def tasks() -> dict[str, dict[str, object]]:
        python(root, "-c", MAIN, "report", SLUG, "--json", str(page))
        return {task["id"]: task for task in json.loads(page.read_text())["tasks"]}

    assert tasks()[TASK]["max_points"] == WORTH
    with Gradebook(f"sqlite:///{root}/course/gradebook.db") as book:
        row = book.find_grade(TASK, SLUG, SLUG, "ada")
        row.manual_score, row.needs_manual_grade = 4, False
        book.db.commit()
    assert tasks()[TASK]["facility"] == pytest.approx(4 / WORTH)
    command(root, "autograde", SLUG, "--force")
    assert grade(root) == (None, 4, True)
