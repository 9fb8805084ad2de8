"""Is an exported cell text or a number, and never a formula?"""

from __future__ import annotations

import pytest

from autograder.text import plain


@pytest.mark.parametrize("text", ["=1+2", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_a_text_that_would_be_computed_gets_an_apostrophe(text):
    assert plain(text) == f"'{text}"


@pytest.mark.parametrize("value", ["ada", "", "o'brien", "a=b", 1.5, -2.0])
def test_everything_else_is_as_it_was(value):
    assert plain(value) == value


def test_nothing_is_an_empty_cell():
    assert plain(None) == ""
