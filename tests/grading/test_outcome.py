"""Do final and the student's fault split the outcomes as the contract says?"""

from __future__ import annotations

import pytest

from autograder.grading.outcome import Outcome
from autograder.grading.results import TestResult
from autograder.reports.wording import LOOKS


def test_what_is_open_is_nobodys_fault() -> None:
    assert {outcome for outcome in Outcome if not outcome.final} == {"pending", "broken"}
    faults = {"failed", "error", "timeout", "crashed", "skipped"}
    assert {outcome for outcome in Outcome if outcome.students_fault} == faults


def test_every_outcome_has_a_look() -> None:
    assert set(LOOKS) == set(Outcome)


def test_an_unknown_outcome_is_refused() -> None:
    """Is a word that results.json may not hold an error where it is read, not where it is shown?"""
    with pytest.raises(ValueError, match="'lost' is not a valid Outcome"):
        TestResult("test_a.py::test_b", "It adds.", "lost", 0.0, 1.0)  # type: ignore[arg-type]
