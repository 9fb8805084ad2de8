"""Which names of files and students may come in?"""

from __future__ import annotations

import pytest

from autograder.notebook.names import shown, why_no_file, why_no_student


@pytest.mark.parametrize("name", ["ada", "ada.lovelace@example.org", "a+b", "s-1_2=3", "Ada Lovelace", "相田", "Zoë"])
def test_a_student(name: str) -> None:
    assert why_no_student(name) is None


BAD = (
    "", ".", "..", "-x", " ada", "ada ", "a/b", "a\nb", "a\x1b[31m", "<b>", "a'b", 'a"b', "=1", "a*", "x" * 101,
    "\ud800", "a\u202eb", "a;b", "a$b", "::error::", "a|b", "a&b",
)  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_no_student(name: str) -> None:
    assert why_no_student(name) is not None


@pytest.mark.parametrize("path", ["a", "a b/c.txt", "表.csv", "..a", "a/..b", "x" * 255, ".hidden"])
def test_a_file(path: str) -> None:
    assert why_no_file(path) is None


@pytest.mark.parametrize(
    "path", ["", "a/../b", "a//b", "./a", "a/.git/x", ".GIT", "a\\b", "\udcff", "a\nb", "a\tb", "\x1b[31m", "x" * 256]
)
def test_no_file(path: str) -> None:
    assert why_no_file(path) is not None


def test_what_is_refused_can_be_shown() -> None:
    assert shown("a\x1b[31m\n::error::\udcff") == "a ::error::?"
    assert len(shown("x" * 1000)) == 100
    assert shown("\x07") == "(nothing that can be shown)"
