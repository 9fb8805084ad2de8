"""The demo's instructor: points and comments for written answers, entered the same way as in the formgrader."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook

MARKS = "by_hand.toml"


@dataclass(frozen=True)
class Mark:
    """The instructor's points and comment for one answer."""

    student: str
    cell: str
    points: float
    comment: str


def marks(slug: str, root: Path) -> list[Mark]:
    """The demo's marks for a sprint: the tables ``[STUDENT.CELL]`` in ``reference/SLUG/demo/by_hand.toml``, if any."""
    path = root / "reference" / slug / "demo" / MARKS
    if not path.is_file():
        return []
    students = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Mark(student, cell, float(about["points"]), about["comment"])
        for student, cells in students.items()
        for cell, about in cells.items()
    ]


def enter(book: Gradebook, slug: str, given: list[Mark]) -> None:
    """Enter marks into the gradebook with nbgrader's API, as the formgrader does when somebody types them."""
    for mark in given:
        grade = book.find_grade(mark.cell, slug, slug, mark.student)
        grade.manual_score = mark.points
        grade.needs_manual_grade = False
        book.find_comment(mark.cell, slug, slug, mark.student).manual_comment = mark.comment
    book.db.commit()
