"""Does a test end with the right outcome, and does its message say what it may, and nothing else?"""

from __future__ import annotations

import pytest

from autograder.errors import CheckFailed, PlatformFault, StudentCrash, StudentError, StudentTimeout
from autograder.grading.items import Property
from autograder.grading.outcome import Outcome
from autograder.grading.verdict import message_of, outcome_of
from autograder.text import MAX_TEXT


def with_all() -> None:
    """A property over
    two lines.

    Words for the instructor.

    Hint: first line
    and second.

    Hint: another.
    """


def with_nothing() -> None: ...


def test_the_docstring_gives_title_and_hint() -> None:
    assert Property.of(with_all, "test_x") == Property("A property over two lines.", "first line and second.")
    assert Property.of(with_nothing, "test_some_thing") == Property("some thing", "")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (StudentTimeout("5 s"), "timeout"),
        (StudentCrash(), "crashed"),
        (StudentError(("ValueError",), "x"), "error"),
        (StudentError(("NotImplementedError",), ""), "error"),
        (CheckFailed("wrong"), "failed"),
        (AssertionError("wrong"), "failed"),
        (PlatformFault("x"), "broken"),
        (RuntimeError("x"), "broken"),
        (KeyboardInterrupt(), "broken"),
        (SystemExit(0), "broken"),
    ],
    ids=lambda x: type(x).__name__,
)
def test_the_end_of_a_test_has_an_outcome(error: BaseException, outcome: str) -> None:
    for received in (True, False):
        for in_grader in (True, False):
            assert outcome_of(error, received=received, in_grader=in_grader) == outcome


@pytest.mark.parametrize(
    "error",
    [TypeError(), KeyError(), ValueError(), ZeroDivisionError(), RuntimeWarning(), MemoryError(), RecursionError()],
)
def test_a_strange_value_is_the_students_only_if_there_was_one(error: Exception) -> None:
    assert outcome_of(error, received=True, in_grader=True) == "failed"
    assert outcome_of(error, received=False, in_grader=True) == "broken"
    assert outcome_of(error, received=True, in_grader=False) == "broken"


def test_a_message_has_what_happened_what_was_called_where_and_a_hint() -> None:
    error = StudentError(("ValueError", "Exception"), "no", "In [1], line 2, in f\n    return g()")
    assert message_of(error, Outcome.ERROR, ["f(1)", "f(2)"], "try harder") == (
        "Your code raised ValueError: no\n"
        "What was called:\n    f(1)\n    f(2)\n"
        "Where:\n    In [1], line 2, in f\n        return g()\n"
        "Hint: try harder"
    )


def test_a_checks_own_hint_comes_before_the_tests() -> None:
    assert message_of(CheckFailed("wrong", "mine"), Outcome.FAILED, [], "other") == "wrong\nHint: mine"


def test_a_fault_of_ours_shows_nothing_of_it() -> None:
    said = message_of(PlatformFault("/srv/graders expected 271828"), Outcome.BROKEN, ["f(1)"], "hint")
    assert said == "This test could not be run; that is not your fault. Your instructor has been told."


@pytest.mark.parametrize("text", ["assert 1 == 271828", "it is so\nassert 1 == 271828\n +  where 1 = f()"])
def test_compared_values_of_a_plain_assert_are_not_shown(text: str) -> None:
    assert "271828" not in message_of(AssertionError(text), Outcome.FAILED, [], "")


def test_an_error_in_a_line_of_the_test_shows_no_text_of_it() -> None:
    assert "271828" not in message_of(KeyError("271828"), Outcome.FAILED, [], "")


def test_a_message_is_bounded() -> None:
    error = StudentError(("E",), "x" * 100_000, "y" * 100_000)
    assert len(message_of(error, Outcome.ERROR, ["z" * 160] * 17, "hint")) <= MAX_TEXT
