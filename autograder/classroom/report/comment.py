"""`autograder comment`: one remark for everybody with the same misconception, failing tests or message.

The remark goes into nbgrader's comments on the task's answer, below what is there. Who has it is noted beside the
report, so that it can be replaced and taken back.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.bridge.course_settings import CourseSettings, course_settings
from autograder.bridge.group_comment import Written, write_comments
from autograder.classroom.batch import only_run
from autograder.classroom.report.gather import gather
from autograder.classroom.report.places import writing
from autograder.classroom.report.remarks import read_remarks, write_remarks
from autograder.course.sprint import project_root
from autograder.errors import BadInput
from autograder.reports.class_report.common import messages_of, signatures_of
from autograder.reports.class_report.data import ClassData, Remark
from autograder.reports.class_report.values import Group
from autograder.text import clean

MOST = 4_000
"""The most characters of a remark."""


@dataclass(frozen=True)
class Choice:
    """A group that can be written to: its id, the answers to comment on, the students, what they have in common."""

    id: str
    cells: tuple[str, ...]
    students: tuple[str, ...]
    about: str
    remark: Remark | None


def choices(sprint: str, *, root: Path | None = None, reference: Path | None = None) -> list[Choice]:
    """The groups of a sprint that can be written to, and the remarks whose group is empty by now."""
    return list(_choices(course_settings(root or project_root()), sprint, reference).values())


def comment_group(
    sprint: str,
    signature: str,
    text: str | None,
    *,
    root: Path | None = None,
    reference: Path | None = None,
) -> Written:
    """Write a remark to a group, in place of an earlier one; take the earlier one back if ``text`` is None.

    Raises
    ------
    BadInput
        when there is no such group, the text is empty or too long, there is nothing to take back, or another run is
        writing the gradebook.
    """
    settings = course_settings(root or project_root())
    text = None if text is None else clean(text, MOST + 1).strip()
    if text is not None and not 0 < len(text) <= MOST:
        raise BadInput(f"a comment has 1 to {MOST:,} characters, this one has {'more' if text else 'none'}")
    known = _choices(settings, sprint, reference)
    chosen = known.get(signature)
    if chosen is None:
        near = "".join(f"; is it '{name}'?" for name in difflib.get_close_matches(signature, known, n=1))
        raise BadInput(f"no students of '{sprint}' share '{signature}': 'autograder comment {sprint}' lists ids{near}")
    if text is None and chosen.remark is None:
        raise BadInput(f"there is no comment for '{signature}' of '{sprint}' to take back")
    if not chosen.cells:
        raise BadInput(f"'{signature}' of '{sprint}' belongs to a task without an answer to comment on")
    with only_run(Path(settings.data)):
        remarks = read_remarks(settings)
        of_sprint = {name: one for name, one in remarks.get(sprint, {}).items() if name != signature}
        written = _write(settings, sprint, chosen, text, of_sprint)
        if text is not None:
            # who was left alone stays in the list, to be left alone the next time too
            students = {*written.given, *written.edited} & {*chosen.students}
            of_sprint[signature] = Remark(text, tuple(sorted(students)), chosen.cells)
        with writing():
            write_remarks(settings, {**remarks, sprint: of_sprint})
    return written


def _write(
    settings: CourseSettings, sprint: str, chosen: Choice, text: str | None, others: Mapping[str, Remark]
) -> Written:
    """Take the earlier remark, if there is one, and give the new one. ``others``: the sprint's other remarks."""
    give = dict.fromkeys(chosen.students, text) if text is not None else {}
    remark = chosen.remark
    if remark is None:
        return write_comments(settings.db_url, sprint, chosen.cells, give=give, take={})
    same = [one for one in others.values() if one.text == remark.text and {*one.cells} & {*remark.cells}]
    keep = {student for one in same for student in one.students}
    take = {student: remark.text for student in remark.students if student not in keep}
    if remark.cells == chosen.cells:
        return write_comments(settings.db_url, sprint, chosen.cells, give=give, take=take)
    before = write_comments(settings.db_url, sprint, remark.cells, give={}, take=take)
    give = {student: said for student, said in give.items() if student not in before.edited}
    written = write_comments(settings.db_url, sprint, chosen.cells, give=give, take={})
    return replace(written, taken=before.taken, edited=before.edited)


def read_comment(path: Path) -> str:
    """The text of a remark in a file.

    Raises
    ------
    BadInput
        when the file cannot be read as text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise BadInput(f"{path} cannot be read ({why}): name a text file") from None


def _choices(settings: CourseSettings, sprint: str, reference: Path | None) -> dict[str, Choice]:
    data = gather(settings, sprint, settings.report_folder, reference=reference)
    misconceptions, candidates = signatures_of(data)
    found = {}
    for one in (*misconceptions, *candidates):
        about = " / ".join(description for _, description, _ in one.chaffs) or one.message or f"{len(one.tests)} tests"
        cells = _cells(data, one.task, [name for name, _, _ in one.chaffs])
        found[one.id] = Choice(one.id, cells, _students(one.group), about, one.remark)
    for message in messages_of(data):
        cells = _cells(data, message.task, [])
        found[message.id] = Choice(message.id, cells, _students(message.group), message.text, message.remark)
    for name, remark in data.remarks.items():
        found.setdefault(name, Choice(name, remark.cells, (), "nobody any more", remark))
    return found


def _students(group: Group) -> tuple[str, ...]:
    return group.students


def _cells(data: ClassData, task: str, chaffs: list[str]) -> tuple[str, ...]:
    """The answer to comment on: the one that the chaff changes, or the task's last one."""
    answers = next((one.answers for one in data.tasks if one.id == task), ())
    changed = {cell for chaff in data.chaffs if chaff.name in chaffs for cell in chaff.cells}
    return tuple(cell for cell in answers if cell in changed)[:1] or answers[-1:]
