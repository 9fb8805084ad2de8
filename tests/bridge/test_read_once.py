"""Is what is read once for a submission, or for the class, still what the gradebook says?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import event

from autograder.bridge import read_once
from autograder.bridge.gradebook import OneGradebook


@pytest.fixture
def book(tmp_path: Path) -> OneGradebook:
    """A gradebook with an assignment of one notebook with one test."""
    made = OneGradebook(f"sqlite:///{tmp_path / 'gradebook.db'}")
    made.add_assignment("ps1", duedate="2026-02-01 00:00:00 UTC")
    made.add_notebook("p1", "ps1")
    made.add_grade_cell("test", "p1", "ps1", max_score=2, cell_type="code")
    made.close()
    return made


def submit(book: OneGradebook, student: str) -> float:
    """What nbgrader's steps ask for while a submission is graded; how many seconds late it is."""
    with book.transaction():
        book.update_or_create_student(student)
        book.close()
        book.find_assignment("ps1")
        book.close()
        submission = book.update_or_create_submission("ps1", student, timestamp="2026-02-01 00:00:10 UTC")
        book.close()
        for _ in range(2):
            book.find_notebook("p1", "ps1")
            notebook = book.find_submission_notebook("p1", "ps1", student)
            book.find_grade("test", "p1", "ps1", student).auto_score = 1.0
            book.close()
            assert notebook.score == 1.0
        assert submission.student.id == student
        late: float = book.find_submission("ps1", student).total_seconds_late
        return late


@pytest.mark.parametrize("again", [False, True])
def test_the_class_is_read_once(book: OneGradebook, again: bool) -> None:
    """By the second submission, new or graded before: no statement for the assignment or its notebooks alone?"""
    if again:
        submit(book, "bela")
    submit(book, "aiko")
    asked: list[str] = []
    event.listen(book.engine, "before_cursor_execute", lambda *about: asked.append(" ".join(about[2].split())))
    submit(book, "bela")
    assert asked
    assert not [statement for statement in asked if statement.startswith("SELECT assignment.id")]
    assert not [
        statement for statement in asked if " FROM notebook " in statement and " FROM submitted" not in statement
    ]
    assert len([statement for statement in asked if "SELECT submitted_assignment.id" in statement]) == 1


def test_a_due_date_that_moves_counts_after_some_seconds(book: OneGradebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Moved by another process while a class is graded?"""
    monkeypatch.setattr(read_once, "KEPT_S", 0)
    assert submit(book, "aiko") == 10
    with Gradebook(str(book.engine.url)) as other:
        other.find_assignment("ps1").duedate = datetime(2026, 2, 2)
        other.db.commit()
    assert submit(book, "bela") == 0


def test_what_is_not_there_is_looked_for_again(book: OneGradebook) -> None:
    """A student who was missing, then added?"""
    with book.transaction():
        with pytest.raises(MissingEntry):
            book.find_student("aiko")
        book.add_student("aiko")
        assert book.find_student("aiko").id == "aiko"


def test_between_submissions_nothing_is_remembered_of_students(book: OneGradebook) -> None:
    """Renamed by somebody else between two submissions of theirs?"""
    submit(book, "aiko")
    with Gradebook(str(book.engine.url)) as other:
        other.find_student("aiko").first_name = "Aiko"
        other.db.commit()
    with book.transaction():
        assert book.find_student("aiko").first_name == "Aiko"
