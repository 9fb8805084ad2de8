"""One comment for many students, in nbgrader's own comments: added below what is there, replaced, or taken back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from autograder.bridge.gradebook_rows import ASSIGNMENT, BOOK, CELL, COMMENT, NOTEBOOK, SUBMISSION, connection

BETWEEN = "\n\n"


@dataclass(frozen=True)
class Written:
    """Who has the text, who lost the earlier one, and whose comment was edited by hand, and was left alone."""

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
        the text that each student's comment shall no longer have; it is taken first. A comment that has other words
        instead was edited by hand: it is left alone, and gets no new text either

    Raises
    ------
    BadInput
        when the gradebook cannot be used.
    """
    given: set[str] = set()
    taken: set[str] = set()
    edited: set[str] = set()
    changes = []
    with connection(db_url) as at:
        for student, row, said in at.execute(_comments(sprint, list(cells))):
            before = str(said or "")
            after, found = without(before, take[student]) if student in take else (before, False)
            if found:
                taken.add(student)
            elif student in take and before.strip():
                edited.add(student)
                continue
            if student in give and not _place(after, give[student]):
                after = BETWEEN.join(part for part in (after, give[student]) if part)
            if student in give:
                given.add(student)
            if after != before:
                changes.append({"row": row, "text": after or None})
        if changes:
            to_change = update(COMMENT).where(COMMENT.c.id == bindparam("row"))
            at.execute(to_change.values(manual_comment=bindparam("text")), changes)
        at.commit()
    return Written(tuple(sorted(given)), tuple(sorted(taken)), tuple(sorted(edited)))


def without(comment: str, text: str) -> tuple[str, bool]:
    """A comment without a text that stands there by itself, and the empty line before it; and whether it was there."""
    found = _place(comment, text)
    if found is None:
        return comment, False
    before, after = comment[: found.start()], comment[found.end() :]
    return before + (after if before else after.removeprefix(BETWEEN)), True


def _place(comment: str, text: str) -> re.Match[str] | None:
    """Where a text stands by itself, between empty lines: "a" is in "a" and not in "a new tensor"."""
    return re.search(rf"(?:\A|{BETWEEN}){re.escape(text)}(?=\Z|{BETWEEN})", comment) if text else None


def _comments(sprint: str, cells: list[str]) -> Any:
    return (
        select(SUBMISSION.c.student_id, COMMENT.c.id, COMMENT.c.manual_comment)
        .where(ASSIGNMENT.c.name == sprint, SUBMISSION.c.assignment_id == ASSIGNMENT.c.id)
        .where(BOOK.c.assignment_id == SUBMISSION.c.id, BOOK.c.notebook_id == NOTEBOOK.c.id, NOTEBOOK.c.name == sprint)
        .where(COMMENT.c.notebook_id == BOOK.c.id, COMMENT.c.cell_id == CELL.c.id, CELL.c.name.in_(cells))
    )
