"""Who to talk to first: students whose lost points do not go with their total.

The rule: a student is listed for a task when the student has at most half of its points, and at least four in five of
the other students with the same or a lower total have it in full; there must be at least five such students. Those who
lost the most points in such tasks come first. It is no score, and says nothing about why.
"""

from __future__ import annotations

import numpy as np

from autograder.reports.class_report.data import ClassData
from autograder.reports.class_report.statistics import Numbers
from autograder.reports.class_report.values import Surprise

HALF, MOST, OTHERS = 0.5, 0.8, 5
LISTED = 10
"""The most students that are listed."""


def surprises_of(data: ClassData, total: Numbers) -> tuple[Surprise, ...]:
    """The students to talk to first."""
    rows = np.flatnonzero(~np.isnan(total))
    order = rows[np.argsort(total[rows], kind="stable")]
    sorted_total = np.round(total[order], 9)
    # how many students have a total that is not higher, oneself included
    lower = np.searchsorted(sorted_total, sorted_total, side="right")
    found: dict[int, list[tuple[str, float, float, int, int]]] = {}
    for column, task in enumerate(data.tasks):
        x = data.scores[order, column]
        if np.isnan(x).any() or task.max_points <= 0:
            continue
        full = np.isclose(x, task.max_points)
        in_full = np.concatenate(([0], np.cumsum(full)))[lower]
        lost = x <= HALF * task.max_points
        others = lower - 1
        # one who lost points is not among those who have it in full
        for place in np.flatnonzero(lost & (others >= OTHERS) & (in_full >= MOST * others)):
            about = (task.id, float(x[place]), task.max_points, int(in_full[place]), int(others[place]))
            found.setdefault(int(order[place]), []).append(about)
    listed = [Surprise(data.students[row].id, float(total[row]), tuple(tasks)) for row, tasks in found.items()]
    return tuple(sorted(listed, key=lambda one: (-_lost(one), one.student))[:LISTED])


def _lost(one: Surprise) -> float:
    return round(sum(maximum - points for _, points, maximum, _, _ in one.tasks), 9)
