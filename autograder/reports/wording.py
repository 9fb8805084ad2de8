"""The wording shared by all reports: how outcomes are shown, and how to say that a score may still change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autograder.grading.causes import language
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
    Outcome.SKIPPED: Look("–", "⏭️", "yellow", "skipped", level="", junit="skipped"),
    Outcome.PENDING: Look(
        "…", "⏳", "yellow", "waits for a machine that has what this test needs", level="notice", junit="skipped"
    ),
    Outcome.BROKEN: Look(
        "!", "⚠️", "magenta", "could not be run; the fault is ours", level="warning", junit="error"
    ),
}  # fmt: skip
"""JUnit distinguishes a failure of the student's code, an error of the platform, and a skipped test.

A skipped test has no annotation: its cause has one.
"""

_WORDS = {
    "en": {
        "first": "Mend this first",
        "tests": "{count} tests of this task",
        "test": "1 test of this task",
        "waits": "{cause} – {count} tests were skipped because of it",
        "one": "{cause} – 1 test was skipped because of it",
    },
    "ja": {
        "first": "まずここを直してください",
        "tests": "この課題のテスト {count} 件",
        "test": "この課題のテスト 1 件",
        "waits": "{cause} ― このため {count} 件のテストを省略しました",
        "one": "{cause} ― このため 1 件のテストを省略しました",
    },
}


def mend_first() -> str:
    """The heading of the causes."""
    return _WORDS[language()]["first"]


def skipped_tests(count: int) -> str:
    """The title of tests that are skipped together."""
    return _WORDS[language()]["test" if count == 1 else "tests"].format(count=count)


def with_count(cause: str, count: int) -> str:
    """A cause, with how many tests were skipped because of it, if any were."""
    return _WORDS[language()]["one" if count == 1 else "waits"].format(cause=cause, count=count) if count else cause


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
