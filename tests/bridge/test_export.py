"""Is an exported cell text or a number, and never a formula? Are the grades those of nbgrader, in few queries?"""

from __future__ import annotations

import itertools
import os
import warnings
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin, ExportPlugin
from sqlalchemy import event

from autograder.bridge.config import commands_on_path
from autograder.bridge.export import CsvExport
from autograder.bridge.export_lms import CanvasExport, MoodleExport
from autograder.text import plain


@pytest.mark.parametrize("text", ["=1+2", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_a_text_that_would_be_computed_gets_an_apostrophe(text):
    assert plain(text) == f"'{text}"


@pytest.mark.parametrize("value", ["ada", "", "o'brien", "a=b", 1.5, -2.0])
def test_everything_else_is_as_it_was(value):
    assert plain(value) == value


def test_nothing_is_an_empty_cell():
    assert plain(None) == ""


def course(path: Path, students: int) -> Gradebook:
    """Two assignments; every student has handed in the first, with points and a penalty, and nobody the second."""
    book = Gradebook(f"sqlite:///{path / 'gradebook.db'}")
    for slug in ("ps1", "ps2"):
        book.add_assignment(slug)
        book.add_notebook("p", slug)
        book.add_grade_cell("cell", "p", slug, max_score=8, cell_type="code")
    for number in range(students):
        book.add_student(f"s{number}", first_name="Ada", last_name=f"L{number}")
        book.add_submission("ps1", f"s{number}")
        book.find_grade("cell", "p", "ps1", f"s{number}").auto_score = float(number % 8)
        book.find_submission_notebook("p", "ps1", f"s{number}").late_submission_penalty = number / 4
    book.db.commit()
    return book


@pytest.fixture
def _nbgrader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.environ["PATH"])
    commands_on_path()
    warnings.simplefilter("ignore")  # nbgrader makes rows out of order


@pytest.mark.usefixtures("_nbgrader")
def test_it_exports_what_nbgrader_exports(tmp_path: Path) -> None:
    """Are the rows the same, of those who handed in and of those who did not?"""
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    with course(tmp_path, 3) as book:
        CsvExport(to=str(ours)).export(book)
        CsvExportPlugin(to=str(theirs)).export(book)
    assert ours.read_text().splitlines() == theirs.read_text().splitlines()
    assert len(ours.read_text().splitlines()) == 7


@pytest.mark.parametrize("plugin", [CsvExport, CanvasExport, MoodleExport])
@pytest.mark.usefixtures("_nbgrader")
def test_its_queries_do_not_grow_with_the_class(plugin: type[ExportPlugin], tmp_path: Path) -> None:
    """Does a class of twelve need as many as a class of three?"""
    counts = []
    for students in (3, 12):
        (tmp_path / str(students)).mkdir()
        with course(tmp_path / str(students), students) as book:
            book.db.expire_all()
            sent: list[str] = []
            event.listen(book.engine, "before_cursor_execute", lambda *about, sent=sent: sent.append(about[2]))
            plugin(to=str(tmp_path / "grades.csv")).export(book)
            counts.append(len(sent))
    assert counts[0] == counts[1]


@pytest.mark.usefixtures("_nbgrader")
def test_its_work_does_not_grow_with_the_square_of_the_class(tmp_path: Path) -> None:
    """Without the indexes that grading adds to SQLite, as in PostgreSQL: is the work in proportion to the class?

    Counted are the steps of SQLite's virtual machine.
    """
    steps: dict[type[ExportPlugin], list[int]] = {CsvExport: [], CanvasExport: [], MoodleExport: []}
    for students in (20, 80):
        (tmp_path / str(students)).mkdir()
        with course(tmp_path / str(students), students) as book:
            file = book.db.connection().connection.driver_connection
            assert file is not None
            for plugin, counts in steps.items():
                count = itertools.count()
                file.set_progress_handler(lambda count=count: next(count) and None, 1)
                plugin(to=str(tmp_path / "grades.csv")).export(book)
                counts.append(next(count))
    for few, many in steps.values():
        assert few > 20
        assert many < 6 * few
