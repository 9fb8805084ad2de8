"""The wording shared by all reports: how outcomes are shown, and how to say that a score may still change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autograder.grading.outcome import Outcome
from autograder.grading.results import Results


@dataclass(frozen=True)
class Look:
    """How an outcome is shown.

    Attributes
    ----------
    sign, emoji
        one character: the sign for terminals and HTML pages, the emoji for Markdown
    colour
        the colour in a terminal
    words
        the words after the test's title that the student reads
    level
        the level of the annotation in a CI job; empty for a passed test
    junit
        the element in JUnit XML; empty for a passed test
    """

    sign: str
    emoji: str
    colour: str
    words: str
    level: Literal["", "notice", "warning", "error"] = "error"
    junit: Literal["", "failure", "error", "skipped"] = "failure"


LOOKS = {
    Outcome.PASSED: Look("✓", "✅", "green", "passed", level="", junit=""),
    Outcome.FAILED: Look("✗", "❌", "red", "failed"),
    Outcome.ERROR: Look("✗", "❌", "red", "your code raised an exception"),
    Outcome.TIMEOUT: Look("✗", "⌛", "red", "took too long"),
    Outcome.CRASHED: Look("✗", "❌", "red", "the kernel died"),
    Outcome.PENDING: Look(
        "…", "⏳", "yellow", "waits for a machine that has what this test needs", level="notice", junit="skipped"
    ),
    Outcome.BROKEN: Look(
        "!", "⚠️", "magenta", "could not be run; the fault is ours", level="warning", junit="error"
    ),
}  # fmt: skip
"""JUnit distinguishes a failure of the student's code, an error of the platform, and a skipped test."""


def not_final(results: Results) -> str:
    """Why the score is not final, in one line; empty if it is final."""
    reasons = []
    if results.status == "broken":
        reasons.append("a test could not be run; the fault is the platform's, not the student's")
    if results.waiting:
        reasons.append("some tests wait for a machine that has what they need")
    if results.to_read:
        points = sum(cell.max_points for cell in results.to_read)
        reasons.append(f"{points:g} points wait for a person ({', '.join(cell.id for cell in results.to_read)})")
    return f"Not final: {'; '.join(reasons)}." if reasons else ""
