"""A report for sharing: no names, and no row or figure of fewer than ten students.

What is withheld is None, as an undefined figure is. Text of students stays only in messages that at least ten of them
got, and only if no student's name or id occurs in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from autograder.reports.class_report.statistics import Correlation, Spread
from autograder.reports.class_report.values import (
    ClassReport,
    Fifth,
    Group,
    MessageFigures,
    Progress,
    SignatureFigures,
    TaskFigures,
    TestFigures,
)

FEWEST = 10


def anonymous(report: ClassReport) -> ClassReport:
    """The report without names and without small groups."""
    counted, named = enough(report.counted), _naming(report)
    return replace(
        report,
        handed_in=enough(report.handed_in),
        graded=enough(report.graded),
        absent=enough(report.absent),
        counted=counted,
        needs=tuple(replace(need, group=_group(need.group)) for need in report.needs if _shown(need.group)),
        spread=_spread(report, counted),
        zero=_group(report.zero),
        full=_group(report.full),
        bins=() if counted is None else tuple(replace(one, group=_group(one.group)) for one in report.bins),
        reliability=None if counted is None else report.reliability,
        tasks=tuple(_task(task) for task in report.tasks),
        misconceptions=_signatures(report.misconceptions, named),
        candidates=_signatures(report.candidates, named),
        messages=_messages(report.messages, named),
        progress=_progress(report.progress),
        surprises=(),
        students=(),
        absentees=(),
        notes=(),
        anonymous=True,
    )


def enough(count: int | None) -> int | None:
    """A count, or None if it is of fewer than ten students."""
    return count if count is not None and count >= FEWEST else None


def _spread(report: ClassReport, counted: int | None) -> Spread:
    if counted is None:
        return Spread(None, None, None, None, None, None)
    return replace(report.spread, at_zero=enough(report.zero.count), at_full=enough(report.full.count))


def _shown(group: Group) -> bool:
    return enough(group.count) is not None


def _group(group: Group) -> Group:
    return Group(enough(group.count))


def _task(task: TaskFigures) -> TaskFigures:
    few = enough(task.count) is None
    return replace(
        task,
        count=enough(task.count),
        facility=None if few else task.facility,
        discrimination=_correlation(task.discrimination),
        efficiency=None if enough(task.discrimination.count) is None else task.efficiency,
        fifths=tuple(one if enough(one.count) is not None else Fifth(None, None) for one in task.fifths),
        full=_group(task.full),
        not_attempted=_group(task.not_attempted),
        missing=_group(task.missing),
        seconds=None if few else task.seconds,
        tests=tuple(_test(test) for test in task.tests if enough(test.count) is not None),
    )


def _test(test: TestFigures) -> TestFigures:
    few = enough(test.graded) is None
    return replace(
        test,
        ended={end: _group(group) for end, group in test.ended.items()},
        facility=None if few else test.facility,
        graded=enough(test.graded),
        discrimination=_correlation(test.discrimination),
    )


def _correlation(r: Correlation) -> Correlation:
    return r if enough(r.count) is not None else Correlation(None)


def _signatures(found: Iterable[SignatureFigures], named: re.Pattern[str] | None) -> tuple[SignatureFigures, ...]:
    return tuple(
        replace(
            one,
            chaffs=tuple((name, description, "") for name, description, _ in one.chaffs),
            group=_group(one.group),
            attempted=enough(one.attempted),
            message=one.message if _shown(one.said_by) and _harmless(one.message, named) else "",
            said_by=_group(one.said_by),
            remark=None,
        )
        for one in found
        if _shown(one.group)
    )


def _messages(found: Iterable[MessageFigures], named: re.Pattern[str] | None) -> tuple[MessageFigures, ...]:
    return tuple(
        replace(one, example="", group=_group(one.group), remark=None)
        for one in found
        if _shown(one.group) and _harmless(one.text, named)
    )


def _progress(progress: Progress | None) -> Progress | None:
    if progress is None or not _shown(progress.again):
        return None
    return Progress(
        _group(progress.again), progress.first, progress.last, _group(progress.better), _group(progress.worse), ()
    )


def _naming(report: ClassReport) -> re.Pattern[str] | None:
    """What finds a student's id or a part of a name in a text; parts of one letter are no names."""
    names: set[str] = set()
    for student in report.names().values():
        names.update(part for part in (student.id, *student.name.split()) if len(part) > 1)
    if not names:
        return None
    # \w of both sides: "ada" is in "ada.py" and not in "adapt"
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def _harmless(text: str, named: re.Pattern[str] | None) -> bool:
    return named is None or named.search(text) is None
