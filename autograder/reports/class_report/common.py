"""What several students have in common: misconceptions, unmatched signatures, messages."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from autograder.reports.class_report.data import CODES, NO_MESSAGE, ClassData
from autograder.reports.class_report.signatures import explain_all, identifier
from autograder.reports.class_report.values import Group, MessageFigures, SignatureFigures

AT_LEAST = 2
"""How many students make something common."""
_FAULTS = [code for outcome, code in CODES.items() if outcome.students_fault]


def signatures_of(data: ClassData) -> tuple[tuple[SignatureFigures, ...], tuple[SignatureFigures, ...]]:
    """The misconceptions that chaffs name, and the unmatched signatures of at least two students."""
    misconceptions, unmatched = explain_all(data)
    attempted = {task.id: int(data.attempted[:, place].sum()) for place, task in enumerate(data.tasks)}
    rows = {student.id: row for row, student in enumerate(data.students)}
    known = tuple(
        SignatureFigures(
            one.id, one.task, tuple((chaff.name, chaff.description, chaff.link) for chaff in one.chaffs),
            tuple(sorted(one.tests)), Group.of(one.students), attempted.get(one.task, 0),
            remark=data.remarks.get(one.id),
        )
        for one in misconceptions
    )  # fmt: skip
    candidates = tuple(
        SignatureFigures(
            one.id, one.task, (), tuple(sorted(one.tests)), Group.of(one.students), attempted.get(one.task, 0),
            _most_common(data, one.tests, [rows[student] for student in one.students]), data.remarks.get(one.id),
        )
        for one in unmatched
        if len(one.students) >= AT_LEAST
    )  # fmt: skip
    return known, candidates


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


def _most_common(data: ClassData, tests: frozenset[str], rows: list[int]) -> str:
    """The message that most of these students got in these tests; "" if they share none."""
    places = [place for place, test in enumerate(data.tests) if test.name in tests]
    said: Counter[str] = Counter()
    for row in rows:
        numbers = {int(number) for number in data.said[row, places] if number != NO_MESSAGE}
        said.update({data.messages[number].text for number in numbers})
    text, count = max(said.items(), key=lambda one: (one[1], one[0]), default=("", 0))
    return text if count >= AT_LEAST else ""
