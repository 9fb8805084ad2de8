"""Does a mark hold as long as nothing that a grade depends on has changed?"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.classroom import journal
from autograder.classroom.journal import Digest, Mark
from autograder.grading.limits import Limit, Limits


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    folder = tmp_path / "submitted"
    (folder / "sub").mkdir(parents=True)
    (folder / "s.ipynb").write_text("{}")
    (folder / "sub" / "data").write_text("1")
    return folder


def test_a_mark_says_what_was_done(submitted: Path) -> None:
    mark = Mark(Digest("a submission", "graders"), "pending", True, 2.25)
    assert journal.read(submitted) is None
    journal.write(submitted, mark)
    assert journal.read(submitted) == mark
    journal.unmark(submitted)
    assert journal.read(submitted) is None
    journal.unmark(submitted)


def test_a_mark_of_an_earlier_version_says_no_seconds(submitted: Path) -> None:
    (submitted / journal.MARK).write_text('{"submission": "d", "grading": "d", "status": "graded", "waiting": false}')
    assert journal.read(submitted) == Mark(Digest("d", "d"), "graded", False, 0.0)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"submission": "d", "grading": "d", "status": "graded"}', '"d"'])
def test_a_spoiled_mark_is_none(submitted: Path, text: str) -> None:
    (submitted / journal.MARK).write_text(text)
    assert journal.read(submitted) is None


def test_every_part_of_a_digest_counts(submitted: Path) -> None:
    """Does another release, grader, limit or seed give another digest, and another file of the submission?"""
    release = submitted / "sub"
    digests = [
        journal.grading_digest(release, "g", Limits(), "s"),
        journal.grading_digest(release, "h", Limits(), "s"),
        journal.grading_digest(release, "g", Limits(test=Limit.of_cpu(1)), "s"),
        journal.grading_digest(release, "g", Limits(), "t"),
        journal.submission_digest(submitted),
    ]
    (submitted / "sub" / "data").write_text("2")
    digests += [journal.grading_digest(release, "g", Limits(), "s"), journal.submission_digest(submitted)]
    (submitted / "sub" / "data").rename(submitted / "data")
    digests.append(journal.submission_digest(submitted))
    (submitted / "timestamp.txt").write_text("now")
    digests.append(journal.submission_digest(submitted))
    assert len(set(digests)) == len(digests)


def test_a_link_is_not_followed(submitted: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("secret")
    before = journal.submission_digest(submitted)
    (submitted / "link").symlink_to(tmp_path / "elsewhere")
    assert journal.submission_digest(submitted) == before
