"""Makes a report's values from a class's data. Nothing here depends on the order of the students.

A task for which nobody has points (as when all its tests wait for a GPU) is left out of totals. A student who lacks
points in another task has no total, and is left out of everything that is computed from totals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autograder.grading.outcome import Outcome
from autograder.reports.class_report import statistics as st
from autograder.reports.class_report.common import messages_of, signatures_of
from autograder.reports.class_report.data import CODES, NEEDS, NO_TEST, ClassData, Test
from autograder.reports.class_report.surprises import surprises_of
from autograder.reports.class_report.values import (
    Bin,
    ClassReport,
    Fifth,
    Group,
    Need,
    Progress,
    StudentLine,
    TaskFigures,
    TestFigures,
)

BINS = 10
NOT_ATTEMPTED, NOT_FINAL = "not_attempted", "not_final"
ENDS = ("passed", "failed", "error", "timeout", "crashed", "skipped", NOT_ATTEMPTED, NOT_FINAL)
"""The ways in which a test can end for a student, as a report counts them."""


@dataclass(frozen=True)
class Totals:
    """Which tasks are in the totals, who has one, and the totals; `nan` where there is none."""

    tasks: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    total: st.Numbers
    maximum: float


def analyse(data: ClassData) -> ClassReport:
    """The report on a class."""
    totals = totals_of(data)
    total = totals.total[totals.counted]
    fifth = np.full(len(data.students), -1)
    ids = [name for name, counted in zip(data.ids, totals.counted, strict=True) if counted]
    fifth[totals.counted] = st.fifths(total, ids)
    misconceptions, candidates = signatures_of(data)
    return ClassReport(
        sprint=data.sprint,
        maximum=totals.maximum,
        handed_in=len({*data.ids, *data.needs.get("ungraded", ())}),
        graded=len(data.students),
        absent=len(data.absent),
        counted=len(total),
        needs=tuple(Need(kind, Group.of(tuple(sorted(data.needs[kind])))) for kind in NEEDS if data.needs.get(kind)),
        spread=st.spread(total, totals.maximum),
        zero=_who(data, totals.counted & np.isclose(totals.total, 0)),
        full=_who(data, totals.counted & np.isclose(totals.total, totals.maximum)),
        bins=_bins(data, totals),
        reliability=st.reliability(data.scores[np.ix_(totals.counted, totals.tasks)]),
        tasks=tuple(_task(data, column, totals, fifth) for column in range(len(data.tasks))),
        misconceptions=misconceptions,
        candidates=candidates,
        messages=messages_of(data),
        progress=_progress(data),
        surprises=surprises_of(data, totals.total),
        students=_lines(data, totals),
        absentees=data.absent,
        notes=data.notes,
        has_chaffs=bool(data.chaffs),
    )


def totals_of(data: ClassData) -> Totals:
    """The students' totals."""
    known: NDArray[np.bool_] = np.asarray(~np.isnan(data.scores))
    tasks = np.ones(len(data.tasks), dtype=bool)
    if len(data.students):
        tasks = np.asarray(known.any(axis=0))
    counted = np.asarray(known[:, tasks].all(axis=1) & tasks.any())
    total = np.where(counted, np.where(known, data.scores, 0.0).sum(axis=1), np.nan)
    maximum = sum(task.max_points for task, there in zip(data.tasks, tasks.tolist(), strict=True) if there)
    return Totals(tasks, counted, total, maximum)


def _task(data: ClassData, column: int, totals: Totals, fifth: NDArray[np.int_]) -> TaskFigures:
    task, x = data.tasks[column], data.scores[:, column]
    known = ~np.isnan(x)
    both = known & totals.counted
    r, share = st.Correlation(None), None
    if totals.tasks[column]:
        r = st.discrimination(x[both], totals.total[both])
        share = st.efficiency(x[both], totals.total[both])
    columns = data.columns(task.id)
    return TaskFigures(
        id=task.id,
        max_points=task.max_points,
        by_hand=task.by_hand,
        count=int(known.sum()),
        facility=st.facility(x[known], task.max_points),
        discrimination=r,
        efficiency=share,
        fifths=_fifths(x, task.max_points, fifth, both),
        full=_who(data, known & np.isclose(x, task.max_points)),
        not_attempted=_who(data, ~data.attempted[:, column]),
        missing=_who(data, ~known),
        seconds=_median_seconds(data, columns),
        tests=tuple(_test(data, data.tests[place], place, column, totals) for place in columns),
        in_total=bool(totals.tasks[column]),
    )


def _fifths(x: st.Numbers, maximum: float, fifth: NDArray[np.int_], known: NDArray[np.bool_]) -> tuple[Fifth, ...]:
    means = st.means_of_fifths(x[known], fifth[known])
    counts = [int((fifth[known] == number).sum()) for number in range(st.FIFTHS)]
    shares = [mean / maximum if mean is not None and maximum > 0 else None for mean in means]
    return tuple(Fifth(share, count) for share, count in zip(shares, counts, strict=True))


def _median_seconds(data: ClassData, columns: list[int]) -> float | None:
    """The median, over the students, of the time that a task's tests took."""
    ran = (data.outcomes[:, columns] != NO_TEST).any(axis=1)
    return float(np.median(data.seconds[ran][:, columns].sum(axis=1))) if ran.any() else None


def _test(data: ClassData, test: Test, place: int, column: int, totals: Totals) -> TestFigures:
    """A test's figures. Its points are those of the tests, so cells that a person changed are left out of these."""
    codes, attempted = data.outcomes[:, place], data.attempted[:, column]
    there, is_final = codes != NO_TEST, np.isin(codes, [CODES[outcome] for outcome in Outcome if outcome.final])
    ended = {str(one): _who(data, attempted & (codes == CODES[one])) for one in Outcome}
    ended[NOT_ATTEMPTED] = _who(data, there & is_final & ~attempted)
    ended[NOT_FINAL] = _who(data, there & ~is_final)
    final = is_final & ~data.by_person[:, column]
    x = np.where(codes == CODES[Outcome.PASSED], test.max_points, 0.0)
    both = final & totals.counted
    r = st.discrimination(x[both], totals.total[both]) if totals.tasks[column] else st.Correlation(None)
    return TestFigures(
        name=test.name,
        title=test.title,
        hint=test.hint,
        max_points=test.max_points,
        count=int(there.sum()),
        ended={end: ended[end] for end in ENDS},
        graded=int(final.sum()),
        facility=st.facility(x[final], test.max_points),
        discrimination=r if test.max_points > 0 else replace(r, value=None, low=None, high=None),
    )


def _bins(data: ClassData, totals: Totals) -> tuple[Bin, ...]:
    """Ten bins of equal width from 0 to the maximum."""
    if totals.maximum <= 0 or not totals.counted.any():
        return ()
    width = totals.maximum / BINS
    place = np.full(len(data.students), -1)
    counted = totals.counted
    # rounding: 0.3 / 0.1 is less than 3
    place[counted] = np.clip(np.floor(totals.total[counted] / width + 1e-9), 0, BINS - 1)
    return tuple(Bin(n * width, (n + 1) * width, _who(data, place == n)) for n in range(BINS))


def _progress(data: ClassData) -> Progress | None:
    """None if nobody handed in more than once."""
    again = {name: points for name, points in sorted(data.attempts.items()) if len(points) > 1}
    if not again:
        return None
    first, last = ([points[place] for points in again.values()] for place in (0, -1))
    return Progress(
        Group.of(tuple(again)),
        float(np.mean(first)),
        float(np.mean(last)),
        Group.of(tuple(name for name, points in again.items() if points[-1] > points[0])),
        Group.of(tuple(name for name, points in again.items() if points[-1] < points[0])),
        tuple(again.items()),
    )


def _lines(data: ClassData, totals: Totals) -> tuple[StudentLine, ...]:
    needs: dict[str, list[str]] = {}
    for kind in NEEDS:
        for name in data.needs.get(kind, ()):
            needs.setdefault(name, []).append(kind)
    lines = [
        StudentLine(
            student,
            tuple(None if np.isnan(points) else float(points) for points in data.scores[row]),
            None if np.isnan(totals.total[row]) else float(totals.total[row]),
            tuple(not tried for tried in data.attempted[row].tolist()),
            tuple(needs.get(student.id, ())),
        )
        for row, student in enumerate(data.students)
    ]
    return tuple(sorted(lines, key=lambda line: line.student.id))


def _who(data: ClassData, rows: NDArray[np.bool_]) -> Group:
    return Group.of(tuple(sorted(data.students[row].id for row in np.flatnonzero(rows))))
