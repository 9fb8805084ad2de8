"""Is what students get exactly what the source makes, and free of everything hidden?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.audit.leaks import of_release
from autograder.course.sprint import find_sprint, slugs
from tests.support.paths import ROOT
from tests.support.releases import files, generate

RELEASED = sorted(path.name for path in (ROOT / "assignments").glob("*") if path.is_dir())


def test_every_sprint_is_released() -> None:
    assert slugs() == RELEASED


@pytest.mark.parametrize("slug", RELEASED)
def test_the_release_is_not_stale(slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is assignments/ what source/ makes? If not: make release."""
    monkeypatch.delenv("COURSE_LANGUAGE", raising=False)
    monkeypatch.chdir(ROOT)
    generate(slug, ROOT, tmp_path)
    assert files(ROOT / "assignments" / slug) == files(tmp_path / slug)


@pytest.mark.parametrize("slug", RELEASED)
def test_nothing_hidden_is_released(slug: str) -> None:
    """Is no line of a hidden test, no expected value and no solution in what students get?"""
    assert [str(finding) for finding in of_release(find_sprint(slug, ROOT), ROOT)] == []


def test_the_comparison_sees_a_stale_file(tmp_path: Path) -> None:
    """Would a release that differs in one byte be noticed?"""
    (tmp_path / "a").write_bytes(b"1")
    before = files(tmp_path)
    (tmp_path / "a").write_bytes(b"2")
    assert files(tmp_path) != before
    os.remove(tmp_path / "a")
    assert files(tmp_path) != before
