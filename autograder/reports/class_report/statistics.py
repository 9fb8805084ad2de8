"""Item statistics of classical test theory. An undefined value is None.

``x`` has each student's points for an item, ``total`` their points in all, and the rest is ``total - x``. Variances
are those of samples (divided by n - 1) throughout: Cronbach's alpha of mixed ones is too large.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

FIFTHS = 5
Z_95 = 1.96
"""The normal quantile of a 95 % interval."""
_TINY = 1e-12
"""A variance below this, relative to the size of the numbers, comes from rounding."""


@dataclass(frozen=True)
class Correlation:
    """A correlation with its 95 % interval; None where it is undefined. ``count``: how many students it is from."""

    value: float | None
    low: float | None = None
    high: float | None = None
    count: int = 0


@dataclass(frozen=True)
class Spread:
    """The distribution of totals, in points; ``deviation`` is the sample's standard deviation."""

    count: int | None
    mean: float | None
    median: float | None
    deviation: float | None
    at_zero: int | None
    at_full: int | None


def facility(x: Numbers, maximum: float) -> float | None:
    """The mean as a share of the maximum."""
    return float(x.mean() / maximum) if len(x) and maximum > 0 else None


def discrimination(x: Numbers, total: Numbers) -> Correlation:
    """Pearson's correlation of an item with the rest, and its interval by Fisher's transformation.

    The interval is tanh(atanh r ± 1.96 / √(n - 3)). It is undefined for three students or fewer, and for r = ±1.
    """
    rest = total - x
    if len(x) < 2 or _constant(x) or _constant(rest):
        return Correlation(None, count=len(x))
    r = float(np.clip(_covariance(x, rest) / math.sqrt(_variance(x) * _variance(rest)), -1.0, 1.0))
    if len(x) <= 3 or abs(r) > 1 - _TINY:
        return Correlation(r, count=len(x))
    half = Z_95 / math.sqrt(len(x) - 3)
    return Correlation(r, math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half), len(x))


def efficiency(x: Numbers, total: Numbers) -> float | None:
    """The covariance of item and rest as a share of the largest one that the same numbers could have."""
    rest = total - x
    if len(x) < 2 or _constant(x) or _constant(rest):
        return None
    return _covariance(x, rest) / _covariance(np.sort(x), np.sort(rest))


def reliability(scores: Numbers) -> float | None:
    """Cronbach's alpha of a table with a row for each student and a column for each item."""
    students, items = scores.shape
    if students < 2 or items < 2 or _constant(scores.sum(axis=1)):
        return None
    of_items = sum(_variance(column) for column in scores.T)
    return float(items / (items - 1) * (1 - of_items / _variance(scores.sum(axis=1))))


def fifths(total: Numbers, ids: list[str]) -> NDArray[np.int_]:
    """The fifth of the class that each student belongs to, 0 to 4, by ascending (total, id)."""
    order = sorted(range(len(ids)), key=lambda place: (_rounded(float(total[place])), ids[place]))
    found = np.empty(len(ids), dtype=np.int_)
    for rank, place in enumerate(order):
        found[place] = rank * FIFTHS // len(ids)
    return found


def means_of_fifths(x: Numbers, fifth: NDArray[np.int_]) -> list[float | None]:
    """The item's mean in each fifth; None for a fifth without students."""
    groups = [x[fifth == number] for number in range(FIFTHS)]
    return [float(group.mean()) if len(group) else None for group in groups]


def spread(total: Numbers, maximum: float) -> Spread:
    """The distribution of totals."""
    count = len(total)
    return Spread(
        count,
        float(total.mean()) if count else None,
        float(np.median(total)) if count else None,
        math.sqrt(_variance(total)) if count > 1 else None,
        int(np.isclose(total, 0).sum()),
        int(np.isclose(total, maximum).sum()),
    )


def _covariance(one: Numbers, other: Numbers) -> float:
    return float(((one - one.mean()) * (other - other.mean())).sum() / (len(one) - 1))


def _variance(x: Numbers) -> float:
    return _covariance(x, x)


def _constant(x: Numbers) -> bool:
    return float(np.ptp(x)) <= _TINY * max(1.0, float(np.abs(x).max()))


def _rounded(points: float) -> float:
    """Points as they are compared: 0.1 + 0.2 and 0.3 are equal."""
    return round(points, 9)
