"""Is what is written in one transaction all there, or not at all?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import event

from autograder.bridge.gradebook import OneGradebook


def test_what_is_saved_together_is_saved_whole_or_not_at_all(tmp_path: Path) -> None:
    """Is nothing seen from outside before the end, everything after it, and nothing after an exception?"""
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"

    def students() -> set[str]:
        with Gradebook(url) as book:
            return {student.id for student in book.students}

    book = OneGradebook(url)
    with book.transaction():
        book.add_student("aiko")
        book.add_student("bela")
        assert students() == set()
    assert students() == {"aiko", "bela"}
    with pytest.raises(MissingEntry), book.transaction():
        book.add_student("chen")
        book.find_student("nobody")
    assert students() == {"aiko", "bela"}


@pytest.mark.filterwarnings("ignore:Object of type <Submitted")  # nbgrader makes rows out of order
def test_what_a_submission_costs_does_not_grow_with_the_class(tmp_path: Path) -> None:
    """Does no statement go through everybody's grades or comments to find one student's?"""
    book = OneGradebook(f"sqlite:///{tmp_path / 'gradebook.db'}")
    book.add_assignment("ps1")
    book.add_notebook("p1", "ps1")
    book.add_grade_cell("test", "p1", "ps1", max_score=2, cell_type="code")
    book.add_solution_cell("solve", "p1", "ps1")
    book.add_student("aiko")
    book.add_submission("ps1", "aiko")
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(book.engine, "before_cursor_execute", note)
    with book.transaction():
        assert book.find_grade("test", "p1", "ps1", "aiko").max_score == 2
        assert book.find_comment("solve", "p1", "ps1", "aiko").auto_comment is None
    event.remove(book.engine, "before_cursor_execute", note)
    with book.engine.connect() as connection:
        plans = [
            row[3]
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert any("SEARCH grade " in step for step in plans)
    assert any("SEARCH comment " in step for step in plans)
    large = ("SCAN grade", "SCAN comment", "SCAN submitted_notebook", "SCAN submitted_assignment")
    assert not [step for step in plans if step in large]


def test_the_instructors_cells_are_read_once_for_a_class(tmp_path: Path) -> None:
    """Are they there in every transaction, though only the first asks for them?"""
    book = OneGradebook(f"sqlite:///{tmp_path / 'gradebook.db'}")
    book.add_assignment("ps1")
    book.add_notebook("p1", "ps1")
    book.add_grade_cell("test", "p1", "ps1", max_score=2, cell_type="code")
    book.add_source_cell("test", "p1", "ps1", cell_type="code", source="assert True")
    asked: list[list[str]] = []
    event.listen(book.engine, "before_cursor_execute", lambda *about: asked[-1].append(about[2]))
    for _ in range(3):
        asked.append([])
        with book.transaction():
            assert book.find_source_cell("test", "p1", "ps1").source == "assert True"
            assert book.find_graded_cell("test", "p1", "ps1").max_score == 2
    assert [bool(statements) for statements in asked] == [True, False, False]


@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
@pytest.mark.parametrize("when", ["2026-02-02 15:58:23 UTC", None])
def test_a_new_submission_has_the_rows_that_nbgrader_makes(tmp_path: Path, when: str | None) -> None:
    """With cells of each kind in two notebooks: the same grades, comments, defaults and time?"""
    book = OneGradebook(f"sqlite:///{tmp_path / 'gradebook.db'}")
    book.add_assignment("ps1")
    for name in ("p1", "p2"):
        book.add_notebook(name, "ps1")
        book.add_grade_cell("test", name, "ps1", max_score=2, cell_type="code")
        book.add_solution_cell("solve", name, "ps1")
        book.add_task_cell("task", name, "ps1", max_score=3, cell_type="markdown")
    about = {"timestamp": when} if when else {}
    with book.transaction():
        book.add_student("ours")
        assert book.add_submission("ps1", "ours", **about).student_id == "ours"
    book.add_student("theirs")
    Gradebook.add_submission(book, "ps1", "theirs", **about)
    rows = []
    for student in ("ours", "theirs"):
        submission = book.find_submission("ps1", student)
        assert bool(submission.timestamp) is bool(when)
        rows.append((submission.timestamp, submission.extension, [
            (notebook.name, notebook.flagged, notebook.late_submission_penalty,
             sorted((g.name, g.auto_score, g.manual_score, g.needs_manual_grade, g.max_score) for g in notebook.grades),
             sorted((c.name, c.auto_comment, c.manual_comment) for c in notebook.comments))
            for notebook in sorted(submission.notebooks, key=lambda one: one.name)
        ]))  # fmt: skip
    assert rows[0] == rows[1]
    with pytest.raises(MissingEntry):
        book.add_submission("ps1", "nobody")
