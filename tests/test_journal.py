"""Does a mark hold as long as nothing that a grade depends on has changed?"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.classroom import journal
from autograder.grading.limits import Limit, Limits
from autograder.grading.results import CellResult, Results, TestResult

RESULTS = Results("s", "s", [CellResult("c", 1.0, [TestResult("t", "T", "pending", 0.0, 1.0)])])


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    folder = tmp_path / "submitted"
    (folder / "sub").mkdir(parents=True)
    (folder / "s.ipynb").write_text("{}")
    (folder / "sub" / "data").write_text("1")
    return folder


def digest(submitted: Path, graders: str = "g", limits: Limits | None = None, seed: str = "s") -> str:
    return journal.digest(submitted, submitted / "sub", graders, limits or Limits(), seed)


def test_a_mark_keeps_the_status(submitted: Path) -> None:
    journal.mark(submitted, digest(submitted), RESULTS)
    assert journal.status(submitted, "another") is None
    journal.unmark(submitted)
    journal.mark(submitted, "d", RESULTS)
    assert journal.status(submitted, "d") == "pending"
    journal.unmark(submitted)
    assert journal.status(submitted, "d") is None
    journal.unmark(submitted)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"digest": "d"}', '"d"'])
def test_a_spoiled_mark_is_none(submitted: Path, text: str) -> None:
    (submitted / journal.MARK).write_text(text)
    assert journal.status(submitted, "d") is None


def test_every_part_of_a_digest_counts(submitted: Path) -> None:
    """Does another submission, grader, limit or seed give another digest?"""
    digests = [
        digest(submitted),
        digest(submitted, graders="h"),
        digest(submitted, limits=Limits(test=Limit.of_cpu(1))),
        digest(submitted, seed="t"),
    ]
    (submitted / "sub" / "data").write_text("2")
    digests.append(digest(submitted))
    (submitted / "sub" / "data").rename(submitted / "data")
    digests.append(digest(submitted))
    (submitted / "timestamp.txt").write_text("now")
    digests.append(digest(submitted))
    assert len(set(digests)) == len(digests)


def test_a_link_is_not_followed(submitted: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("secret")
    before = digest(submitted)
    (submitted / "link").symlink_to(tmp_path / "elsewhere")
    assert digest(submitted) == before
