"""Do the statistics have the values that their definitions fix, and none where they are undefined?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.class_report.statistics import (
    Spread,
    discrimination,
    efficiency,
    facility,
    fifths,
    means_of_fifths,
    reliability,
    spread,
)

SIX = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]], dtype=float)
"""Six students, four items of one point."""
TOTAL = SIX.sum(axis=1)


def test_the_fixture_to_four_digits() -> None:
    """Sample variances throughout, and the item's correlation with the rest, not with the total."""
    alpha = reliability(SIX)
    assert alpha is not None
    assert round(alpha, 4) == 0.8333
    found = [discrimination(x, TOTAL).value for x in SIX.T]
    assert [round(r, 4) for r in found if r is not None] == [0.5331, 0.7462, 0.7809, 0.6124]
    assert [efficiency(x, TOTAL) for x in SIX.T] == pytest.approx([1, 1, 1, 1])
    assert [facility(x, 1) for x in SIX.T] == pytest.approx([5 / 6, 4 / 6, 3 / 6, 2 / 6])


def test_the_interval_is_fishers() -> None:
    found = discrimination(SIX[:, 0], TOTAL)
    # r is 1.5 / sqrt(5/6 * 9.5); ((1 + r) / (1 - r)) ** 0.5 is e ** atanh(r), and 1.96 / sqrt(3) = 1.131607
    assert (found.low, found.high) == pytest.approx((-0.4908, 0.9386), abs=5e-5)
    assert found.count == 6


def test_scipy_and_numpy_agree() -> None:
    rng = np.random.default_rng(5)
    x = rng.integers(0, 4, size=40).astype(float)
    total = x + rng.normal(size=40)
    r = discrimination(x, total)
    assert r.value == pytest.approx(np.corrcoef(x, total - x)[0, 1])
    best = np.cov(np.sort(x), np.sort(total - x))[0, 1]
    assert efficiency(x, total) == pytest.approx(np.cov(x, total - x)[0, 1] / best)


def test_a_negative_item() -> None:
    """Only the weak solve it: its correlation with the total would still be positive."""
    x = np.array([2.0, 2, 0, 0])
    rest = np.array([1.0, 2, 2.5, 3])
    value = discrimination(x, x + rest).value
    assert value is not None
    assert value < 0
    assert np.corrcoef(x, x + rest)[0, 1] > 0


@pytest.mark.parametrize(
    ("scores", "why"),
    [
        (np.ones((24, 3)), "everybody right"),
        (np.zeros((24, 3)), "everybody at zero"),
        (np.full((7, 3), 0.1), "a constant that rounding could hide"),
        (np.array([[1.0, 0.0]]), "one student"),
        (np.zeros((0, 3)), "nobody"),
    ],
)
def test_undefined_is_none(scores: np.ndarray, why: str) -> None:
    total = scores.sum(axis=1)
    assert reliability(scores) is None, why
    for x in scores.T:
        assert discrimination(x, total).value is None
        assert efficiency(x, total) is None


def test_two_students_and_one_item() -> None:
    """Two points lie on a line; there is no interval for three or fewer, and no alpha of one item."""
    scores = np.array([[1.0, 1.0], [0.0, 0.0]])
    found = discrimination(scores[:, 0], scores.sum(axis=1))
    assert (found.value, found.low, found.high) == (pytest.approx(1), None, None)
    assert reliability(scores[:, :1]) is None
    assert reliability(scores) == pytest.approx(1)


def test_a_perfect_correlation_has_no_interval() -> None:
    x = np.arange(30.0)
    found = discrimination(x, 2 * x)
    assert (found.value, found.low, found.high) == (pytest.approx(1), None, None)


def test_no_maximum_no_facility() -> None:
    assert facility(np.array([0.0, 0.0]), 0) is None
    assert facility(np.array([]), 3) is None


def test_fifths_go_by_total_and_then_by_id() -> None:
    total = np.array([3.0, 0.1 + 0.2, 0.3, 5.0, 1.0, 2.0, 4.0, 4.0, 6.0, 7.0])
    ids = ["e", "b", "a", "h", "c", "d", "g", "f", "i", "j"]
    found = dict(zip(ids, fifths(total, ids).tolist(), strict=True))
    assert found == {"a": 0, "b": 0, "c": 1, "d": 1, "e": 2, "f": 2, "g": 3, "h": 3, "i": 4, "j": 4}
    means = means_of_fifths(total, fifths(total, ids))
    assert means == pytest.approx([0.3, 1.5, 3.5, 4.5, 6.5])


def test_fewer_than_five_students_leave_fifths_empty() -> None:
    assert means_of_fifths(np.array([1.0, 2.0]), fifths(np.array([1.0, 2.0]), ["a", "b"])) == [1, None, 2, None, None]


def test_the_spread_of_totals() -> None:
    assert spread(TOTAL, 4) == Spread(6, pytest.approx(14 / 6), 2.5, pytest.approx(1.632993), 1, 2)
    assert spread(np.array([]), 4) == Spread(0, None, None, None, 0, 0)
    assert spread(np.array([3.0]), 4) == Spread(1, 3, 3, None, 0, 0)


@given(st.lists(st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), min_size=3, max_size=3), min_size=1), st.randoms())
def test_the_order_of_students_changes_nothing(rows: list[list[float]], random: object) -> None:
    ids = [f"s{number:03}" for number in range(len(rows))]
    places = list(range(len(rows)))
    random.shuffle(places)  # type: ignore[attr-defined]
    one, other = np.array(rows), np.array([rows[place] for place in places])
    shuffled = [ids[place] for place in places]

    def of(scores: np.ndarray, names: list[str]) -> list[object]:
        total = scores.sum(axis=1)
        fifth = fifths(total, names)
        found: list[object] = [reliability(scores)]
        for x in scores.T:
            r = discrimination(x, total)
            found += [r.value, r.low, r.high, efficiency(x, total), *means_of_fifths(x, fifth)]
        return found

    for before, after in zip(of(one, ids), of(other, shuffled), strict=True):
        assert (before is None) == (after is None)
        assert before is None or after == pytest.approx(before, abs=1e-9)
