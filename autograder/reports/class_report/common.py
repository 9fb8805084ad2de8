"""What several students have in common: misconceptions, unmatched signatures, messages."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from autograder.reports.class_report.data import CODES, NO_MESSAGE, Chaff, ClassData
from autograder.reports.class_report.signatures import Misconception, Unmatched, explain_all, identifier
from autograder.reports.class_report.values import Group, MessageFigures, SignatureFigures

AT_LEAST = 2
"""How many students make something common."""
_FAULTS = [code for outcome, code in CODES.items() if outcome.students_fault]


def signatures_of(data: ClassData) -> tuple[tuple[SignatureFigures, ...], tuple[SignatureFigures, ...]]:
    """The misconceptions that chaffs name, and the unmatched signatures of at least two students."""
    misconceptions, unmatched = explain_all(data)
    attempted = {task.id: int(data.attempted[:, place].sum()) for place, task in enumerate(data.tasks)}
    rows = {student.id: row for row, student in enumerate(data.students)}

    def figures(one: Misconception | Unmatched, chaffs: tuple[Chaff, ...] = ()) -> SignatureFigures:
        message, said_by = _most_common(data, one.tests, [rows[student] for student in one.students])
        return SignatureFigures(
            one.id, one.task, tuple((chaff.name, chaff.description, chaff.link) for chaff in chaffs),
            tuple(sorted(one.tests)), Group.of(one.students), attempted.get(one.task, 0), message, said_by,
            data.remarks.get(one.id),
        )  # fmt: skip

    known = tuple(figures(one, one.chaffs) for one in misconceptions)
    return known, tuple(figures(one) for one in unmatched if len(one.students) >= AT_LEAST)


def messages_of(data: ClassData) -> tuple[MessageFigures, ...]:
    """The messages that at least two students got in the same task, those of the most students first.

    Left out are public checks, which say the same as a test, and tasks that were not attempted.
    """
    columns = {task.id: place for place, task in enumerate(data.tasks)}
    rows_of: dict[tuple[str, int], set[int]] = defaultdict(set)
    tests_of: dict[tuple[str, int], set[str]] = defaultdict(set)
    for place, test in enumerate(data.tests):
        if not test.hidden or test.task not in columns:
            continue
        failed = np.isin(data.outcomes[:, place], _FAULTS) & data.attempted[:, columns[test.task]]
        failed &= data.said[:, place] != NO_MESSAGE
        for row in np.flatnonzero(failed):
            key = test.task, int(data.said[row, place])
            rows_of[key].add(int(row))
            tests_of[key].add(test.name)
    found = []
    for (task, number), rows in rows_of.items():
        if len(rows) < AT_LEAST or not data.messages[number].text:
            continue
        message, name = data.messages[number], identifier(task, [data.messages[number].text], "m")
        students = tuple(sorted(data.students[row].id for row in rows))
        found.append(
            MessageFigures(
                name, task, tuple(sorted(tests_of[task, number])), message.text, message.example,
                Group.of(students), data.remarks.get(name),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-(one.group.count or 0), one.id)))


def _most_common(data: ClassData, tests: frozenset[str], rows: list[int]) -> tuple[str, Group]:
    """The message that most of these students got in these tests, and who did; none if they share none."""
    places = [place for place, test in enumerate(data.tests) if test.name in tests]
    said: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        numbers = {int(number) for number in data.said[row, places] if number != NO_MESSAGE}
        for text in {data.messages[number].text for number in numbers} - {""}:
            said[text].append(data.students[row].id)
    text, students = max(said.items(), key=lambda one: (len(one[1]), one[0]), default=("", []))
    return (text, Group.of(tuple(sorted(students)))) if len(students) >= AT_LEAST else ("", Group(0))
