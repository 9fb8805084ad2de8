"""The message to a student about one test: the property, the transcript, what came back and the hint.

It can contain text from the jail, so its length is limited and control characters are removed here. Code that shows
the message must escape it for its own format.
"""

from __future__ import annotations

from autograder.environments import hide_paths
from autograder.errors import CheckFailed, StudentCrash, StudentError, StudentTimeout
from autograder.grading.outcome import Outcome
from autograder.grading.shown import CALLED, HINT, WHERE
from autograder.text import clean

WRONG_FORM = (
    ArithmeticError, AttributeError, BufferError, LookupError, MemoryError, NotImplementedError, RecursionError,
    StopIteration, TypeError, ValueError, Warning,
)  # fmt: skip
"""What Python and numpy raise for a value that is not what the line expects. Other exceptions are a test's own."""


def outcome_of(error: BaseException, *, received: bool, in_grader: bool) -> Outcome:
    """The outcome of a test that raised ``error``.

    ``received``: whether the test had received anything from the student. ``in_grader``: whether a line of the test
    itself raised the error, or a library that this line called. If both hold, an error about a value of the wrong form
    is the student's: None instead of an object with attributes, a number too large for arithmetic or for memory. The
    reference passes the same lines, so it gave the right form.
    """
    if isinstance(error, StudentTimeout):
        return Outcome.TIMEOUT
    if isinstance(error, StudentCrash):
        return Outcome.CRASHED
    if isinstance(error, StudentError):
        return Outcome.ERROR
    if isinstance(error, AssertionError):
        return Outcome.FAILED
    return Outcome.FAILED if received and in_grader and isinstance(error, WRONG_FORM) else Outcome.BROKEN


def message_of(error: BaseException, outcome: Outcome, calls: list[str], hint: str) -> str:
    """The message for a test that did not pass. It contains neither source code nor values of the grader."""
    parts = [_what_happened(error, outcome)]
    if outcome is Outcome.BROKEN:
        return clean(parts[0])
    if calls:
        parts.append(f"{CALLED}\n" + "\n".join(f"    {line}" for line in calls))
    if isinstance(error, StudentError) and error.traceback:
        parts.append(f"{WHERE}\n" + "\n".join(f"    {line}" for line in error.traceback.splitlines()))
    hint = getattr(error, "hint", "") or hint
    if hint:
        parts.append(f"{HINT}{hint}")
    return hide_paths(clean("\n".join(parts)))


def _what_happened(error: BaseException, outcome: Outcome) -> str:
    if outcome is Outcome.BROKEN:
        return "This test could not be run; that is not your fault. Your instructor has been told."
    if isinstance(error, StudentTimeout):
        return f"{error.subject} was {error.message}."
    if isinstance(error, StudentCrash):
        return f"{error.subject} ended its own process: {error.message}."
    if isinstance(error, StudentError):
        return f"{error.subject} raised {error}"
    if isinstance(error, CheckFailed):
        return str(error)
    if isinstance(error, AssertionError):
        # pytest appends the compared values, including expected ones, to the message of a plain assert
        text = str(error).split("\nassert ", 1)[0]
        return "" if text.startswith("assert ") else text
    return f"What came back has another form than the task asks for: reading it raised {type(error).__name__}."
