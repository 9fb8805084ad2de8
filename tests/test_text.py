"""Is a student's text harmless and bounded wherever it is shown?"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.text import MAX_TEXT, clean, harmless, plain


@given(st.text())
def test_cleaned_text_is_bounded_and_plain(text: str) -> None:
    for limit in (10, MAX_TEXT):
        said = clean(text * 3, limit)
        assert len(said) <= limit
        assert all(c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs") for c in said)
        said.encode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\rb\x08c\x00", "abc"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("\ud800", ""),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        ("日本語 é ≤", "日本語 é ≤"),
        ("\x9b31mred", "31mred"),
        ("blank\u3164\u115f\u00ad", "blank"),
        ("tag\U000e0041", "tag"),
    ],
    ids=repr,
)
def test_control_characters_are_taken_out(text: str, said: str) -> None:
    assert clean(text) == said


@pytest.mark.parametrize("begins", ["=", "+", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_spreadsheet_evaluates_nothing(begins: str) -> None:
    """Not even behind the wide signs of a Japanese keyboard."""
    assert plain(f"{begins}1+1").startswith("'")


@pytest.mark.parametrize(
    "text", ["##[error]x", "a ##vso[task.complete]", "b ##teamcity[x]", "a\n \u3000::error::x", "::x"]
)
def test_nothing_commands_a_runner(text: str) -> None:
    said = harmless(text)
    assert "##" not in said.replace("## ", "")
    assert not [line for line in said.splitlines() if line.lstrip().startswith("::")]
    assert harmless(said) == said
    assert harmless("C++::x # [a] ### [b]") == "C++::x # [a] ### [b]"
