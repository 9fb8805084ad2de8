"""Is a student's exception described without what a framework adds for its own authors?"""

from __future__ import annotations

import pytest

from autograder.jail.inside.tracebacks import without_appeal


@pytest.mark.parametrize(
    ("message", "left"),
    [
        (
            "Function `Swish` has a bug.\n\nPlease report this error to the issue tracker with the stack trace,\n"
            "the information of your environment, and your script:\nhttps://example.invalid/issues/new.\n"
            "Dtype of data and grad mismatch",
            "Function `Swish` has a bug.\nDtype of data and grad mismatch",
        ),
        (
            "ASSERT FAILED at a.cpp:1, please report a bug to PyTorch. Expected 2",
            "ASSERT FAILED at a.cpp:1\nExpected 2",
        ),
        ("no kernel for it; please open an issue: https://example.invalid/new", "no kernel for it"),
        ("please report to the desk", "please report to the desk"),
        ("the shapes differ", "the shapes differ"),
    ],
)
def test_a_request_to_report_a_bug_is_left_out(message: str, left: str) -> None:
    assert without_appeal(message) == left
