"""In which order is a class graded?"""

from __future__ import annotations

from pathlib import Path

from autograder.classroom.journal import Digest
from autograder.classroom.plan import Submission, longest_first


def names(**took_s: float) -> list[str]:
    """Submissions that took so many seconds last time, in the order in which they are graded."""
    nothing = Path(), Digest("", "")
    return [one.student for one in longest_first([Submission(name, *nothing, took) for name, took in took_s.items()])]


def test_who_took_longest_comes_first() -> None:
    assert names(a=1, b=5, c=0.5) == ["b", "a", "c"]


def test_what_is_not_known_is_taken_for_usual() -> None:
    """Behind what took longer than the mean, before what took less?"""
    assert names(a=1, new=0, b=9) == ["b", "new", "a"]


def test_without_an_earlier_grading_the_order_stays() -> None:
    assert names(c=0, a=0, b=0) == ["c", "a", "b"]
    assert names() == []
