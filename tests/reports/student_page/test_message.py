"""Is a message taken apart as it was put together, and is no line of it lost?"""

from __future__ import annotations

import pytest

from autograder.errors import CheckFailed, StudentError
from autograder.grading.outcome import Outcome
from autograder.grading.shown import ShownExample
from autograder.grading.verdict import message_of
from autograder.reports.student_page.message import CALLED, EXAMPLE, HINT, WHERE, Frame, parts_of

TRACE = "In [3], line 2, in half\n    return x / y\nIn [4], line 7, in <module>\n    half(1)"


def test_what_the_grader_wrote_is_found() -> None:
    error = StudentError(("NameError",), "name 'y' is not defined", TRACE)
    message = message_of(error, Outcome.ERROR, ["a = Half()", "a(2.0)"], "look at y.\nThen at x.")
    message = ShownExample("half(2)", "1", "raises NameError", right=False).in_message(message)
    parts = parts_of(message)
    assert parts.said == ["Your code raised NameError: name 'y' is not defined"]
    assert parts.called == ["    a = Half()", "    a(2.0)"]
    assert parts.example[0] == "    half(2)"
    assert len(parts.example) == 3
    assert parts.hint == ["look at y.", "Then at x."]
    assert parts.frame == Frame(4, 7)


def test_a_message_without_parts() -> None:
    parts = parts_of(message_of(CheckFailed("double(2) must be 4"), Outcome.FAILED, [], ""))
    assert parts.said == ["double(2) must be 4"]
    assert (parts.called, parts.where, parts.hint, parts.frame) == ([], [], [], None)


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", CALLED, f"a\n{CALLED}\nno indent\n    b", f"{HINT}x\n{WHERE}\nIn [1], line 1", f"{EXAMPLE}\n{HINT}"],
)
def test_no_line_is_lost(text: str) -> None:
    parts = parts_of(text)
    kept = [*parts.said, *parts.example, *parts.called, *parts.where, *parts.hint]
    labels = (EXAMPLE, CALLED, WHERE)
    assert sorted(kept) == sorted(line.removeprefix(HINT) for line in text.split("\n") if line not in labels)


@pytest.mark.parametrize("line", ["In [99999999999999], line 1", "    In [1], line x", "    in [1], line 1"])
def test_what_only_looks_like_a_place_is_none(line: str) -> None:
    assert parts_of(f"{WHERE}\n{line}").frame is None
