"""Are the grades and comments of a new submission written once, and there for everything that reads them?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Comment, Grade, Gradebook
from sqlalchemy import event

from autograder.bridge.gradebook import OneGradebook

OF = ("p1", "ps1", "aiko")


@pytest.fixture
def book(tmp_path: Path) -> OneGradebook:
    """A gradebook with an assignment of one notebook: a test with 2 points, an answer, a task."""
    made = OneGradebook(f"sqlite:///{tmp_path / 'gradebook.db'}")
    made.add_assignment("ps1")
    made.add_notebook("p1", "ps1")
    made.add_grade_cell("test", "p1", "ps1", max_score=2, cell_type="code")
    made.add_solution_cell("solve", "p1", "ps1")
    made.add_task_cell("task", "p1", "ps1", max_score=3, cell_type="markdown")
    made.close()
    return made


def grade_all(book: OneGradebook) -> None:
    """What nbgrader's SaveAutoGrades does."""
    for cell in ("test", "task"):
        grade = book.find_grade(cell, *OF)
        grade.auto_score = grade.max_score / 2
        grade.needs_manual_grade = False
    for cell in ("solve", "task"):
        book.find_comment(cell, *OF).auto_comment = "No response."
    book.db.commit()


def recorded(book: OneGradebook) -> tuple[Any, ...]:
    """A submission's grades and comments, and its score, as another connection sees them."""
    with Gradebook(str(book.engine.url)) as other:
        notebook = other.find_submission_notebook(*OF)
        grades = sorted((grade.name, grade.auto_score, grade.needs_manual_grade) for grade in notebook.grades)
        comments = sorted((comment.name, comment.auto_comment) for comment in notebook.comments)
        return grades, comments, notebook.score


WANTED = ([("task", 1.5, False), ("test", 1.0, False)], [("solve", "No response."), ("task", "No response.")], 2.5)


def test_each_table_is_written_once(book: OneGradebook) -> None:
    """Graded as nbgrader grades: one statement that inserts, none that reads or updates?"""
    asked: list[str] = []
    event.listen(book.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    with book.transaction():
        book.update_or_create_student("aiko")
        book.update_or_create_submission("ps1", "aiko")
        grade_all(book)
        book.close()
    for table in (Grade.__tablename__, Comment.__tablename__):
        of_table = [statement for statement in asked if f" {table} " in statement.replace("(", " ")]
        assert [statement.split()[0] for statement in of_table] == ["INSERT"]
    assert recorded(book) == WANTED


def test_a_query_sees_them_and_later_changes_count(book: OneGradebook) -> None:
    """Asked for in the middle, with an object that was had before and is changed after?"""
    with book.transaction():
        book.add_student("aiko")
        book.add_submission("ps1", "aiko")
        early = book.find_grade("test", *OF)
        early.auto_score = 2.0
        assert [grade.auto_score for grade in book.db.query(Grade).order_by(Grade.auto_score)] == [None, 2.0]
        assert early.auto_score == 2.0
        early.auto_score = 0.0
        grade_all(book)
    assert recorded(book) == WANTED


def test_what_only_nbgraders_object_has_can_be_asked_for(book: OneGradebook) -> None:
    """Its student, its kind of cell, a column that no step of nbgrader's sets; set as well as read?"""
    with book.transaction():
        book.add_student("aiko")
        book.add_submission("ps1", "aiko")
        grade = book.find_grade("test", *OF)
        assert (grade.student.id, grade.cell_type, grade.name) == ("aiko", "code", "test")
        grade.extra_credit = 0.5
        with pytest.raises(AttributeError):
            grade.nothing_of_the_kind  # noqa: B018
        grade_all(book)
        book.close()
        assert book.find_submission_notebook(*OF).score == 3.0
    assert recorded(book)[2] == 3.0


def test_nothing_waits_after_an_exception(book: OneGradebook) -> None:
    """Is the next submission written alone?"""
    with pytest.raises(KeyError), book.transaction():
        book.add_student("aiko")
        book.add_submission("ps1", "aiko")
        book.find_grade("test", *OF).auto_score = 2.0
        raise KeyError
    with book.transaction():
        book.add_student("aiko")
        book.add_submission("ps1", "aiko")
        grade_all(book)
    assert recorded(book) == WANTED
    with Gradebook(str(book.engine.url)) as other:
        assert other.db.query(Grade).count() == 2
