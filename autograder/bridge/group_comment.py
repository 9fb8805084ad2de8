"""One comment for many students, in nbgrader's own comments: added below what is there, replaced, or taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from autograder.bridge.gradebook_rows import ASSIGNMENT, BOOK, CELL, COMMENT, NOTEBOOK, SUBMISSION, connection

BETWEEN = "\n\n"


@dataclass(frozen=True)
class Written:
    """Who got the text, who lost the earlier one, and in whose comment it was not found, which was left alone."""

    given: tuple[str, ...]
    taken: tuple[str, ...]
    edited: tuple[str, ...]


def write_comments(
    db_url: str, sprint: str, cells: Iterable[str], *, give: Mapping[str, str], take: Mapping[str, str]
) -> Written:
    """Change the comments on these cells in one transaction: all of them, or none.

    Parameters
    ----------
    cells
        the answers to comment on
    give
        the text that each student's comment shall have
    take
        the text that each student's comment shall no longer have; it is taken first

    Raises
    ------
    BadInput
        when the gradebook cannot be used.
    """
    given: set[str] = set()
    taken: set[str] = set()
    changes = []
    with connection(db_url) as at:
        for student, row, said in at.execute(_comments(sprint, list(cells))):
            before = str(said or "")
            after, found = without(before, take[student]) if student in take else (before, False)
            if found:
                taken.add(student)
            if student in give and give[student] not in after:
                after = BETWEEN.join(part for part in (after, give[student]) if part)
            if student in give:
                given.add(student)
            if after != before:
                changes.append({"row": row, "text": after or None})
        if changes:
            to_change = update(COMMENT).where(COMMENT.c.id == bindparam("row"))
            at.execute(to_change.values(manual_comment=bindparam("text")), changes)
        at.commit()
    return Written(tuple(sorted(given)), tuple(sorted(taken)), tuple(sorted(set(take) - taken)))


def without(comment: str, text: str) -> tuple[str, bool]:
    """A comment without a text and the empty lines before it, and whether the text was in it."""
    if not text or text not in comment:
        return comment, False
    before, _, after = comment.partition(text)
    parts = (before.removesuffix(BETWEEN), after.removeprefix(BETWEEN))
    return BETWEEN.join(part for part in parts if part), True


def _comments(sprint: str, cells: list[str]) -> Any:
    return (
        select(SUBMISSION.c.student_id, COMMENT.c.id, COMMENT.c.manual_comment)
        .where(ASSIGNMENT.c.name == sprint, SUBMISSION.c.assignment_id == ASSIGNMENT.c.id)
        .where(BOOK.c.assignment_id == SUBMISSION.c.id, BOOK.c.notebook_id == NOTEBOOK.c.id, NOTEBOOK.c.name == sprint)
        .where(COMMENT.c.notebook_id == BOOK.c.id, COMMENT.c.cell_id == CELL.c.id, CELL.c.name.in_(cells))
    )
