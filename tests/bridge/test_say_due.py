"""Does the release say when it is due and what lateness costs, and is everything that is graded as it was?"""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.bridge.say_due import CELL, add_line, released_line
from autograder.notebook.due_line import due_line
from tests.support.builders import code, notebook, solution, text
from tests.support.classes import MAIN
from tests.support.courses import NOTEBOOK, SLUG, command, make_course, python

RULE = "Every day begun costs 10 % of the points earned."
LINE = f"**Due: 2026-12-01 23:59 Europe/Berlin (CET), 22:59 UTC.** {RULE}"
AGAIN = f"until you run: nbgrader generate_assignment {SLUG} --force && nbgrader release_assignment {SLUG} --force"


def released(course: Path) -> NotebookNode:
    return nbformat.read(course / "assignments" / SLUG / NOTEBOOK, as_version=4)


def due(course: Path, *arguments: str) -> list[str]:
    return python(course, "-c", MAIN, "due", SLUG, *arguments).splitlines()


@pytest.fixture
def course(tmp_path: Path) -> Path:
    make_course(tmp_path)
    with (tmp_path / "nbgrader_config.py").open("a") as file:
        file.write("c.LatePolicy.penalty_per_day = 10\nc.Exchange.timezone = 'Europe/Berlin'\n")
    return tmp_path


def test_from_the_gradebook_into_the_release(course: Path) -> None:
    """And who moves the date is told that the release says another one."""
    command(course, "generate_assignment", SLUG)
    before = released(course)
    assert "due date" not in before.cells[0].source
    said = due(course, "2026-12-01 23:59 Europe/Berlin")
    assert AGAIN in said[-1]
    command(course, "generate_assignment", SLUG, "--force")
    nb = released(course)
    assert due_line(nb.cells[0].source).startswith(LINE)
    assert nb.cells[0].source.startswith("# Doubling\n")
    assert [dict(cell) for cell in nb.cells[1:]] == [dict(cell) for cell in before.cells[1:]]
    assert not [line for line in due(course) if AGAIN in line]
    assert AGAIN in due(course, "none")[-1]
    command(course, "generate_assignment", SLUG, "--force")
    assert [dict(cell) for cell in released(course).cells] == [dict(cell) for cell in before.cells]


def test_in_japanese(course: Path) -> None:
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("c.KeepLanguage.language = 'ja'\n")
    due(course, "2026-12-01 23:59 Europe/Berlin")
    command(course, "generate_assignment", SLUG)
    line = due_line(released(course).cells[0].source)
    assert line.startswith("**締め切り: 2026-12-01 23:59 Europe/Berlin (CET), 22:59 UTC**")
    assert "遅れ 1 日ごとに、得点の 10 % を減点します" in line
    assert not [line for line in due(course) if AGAIN in line]


@pytest.mark.parametrize("first", [code("1"), solution("essay")])
def test_a_notebook_that_begins_with_no_text_gets_a_cell(first: NotebookNode) -> None:
    nb = notebook(first)
    add_line(nb, LINE)
    assert [cell.id for cell in nb.cells] == [CELL, first.id]
    nbformat.validate(nb)


def test_a_notebook_without_cell_ids_gets_none() -> None:
    nb = notebook(code("1"))
    nb.nbformat_minor = 4
    del nb.cells[0]["id"]
    add_line(nb, LINE)
    nbformat.validate(nb)
    assert due_line(nb.cells[0].source) == LINE


def test_what_a_release_says(tmp_path: Path) -> None:
    """None where there is none, or none that can be read."""
    path = tmp_path / NOTEBOOK
    assert released_line(path) is None
    path.write_text("{")
    assert released_line(path) is None
    nb = notebook(text("# Doubling"))
    nbformat.write(nb, path)
    assert released_line(path) == ""
    add_line(nb, LINE)
    nbformat.write(nb, path)
    assert released_line(path) == LINE
