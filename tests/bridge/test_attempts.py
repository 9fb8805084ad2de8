"""Is each submission of a student remembered once, whatever lies in its files?"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.bridge.attempts import attempts_file, keep_attempt, read_attempts
from autograder.grading.outcome import Outcome
from autograder.grading.results import CellResult, Results, TestResult


def results(points: float, outcome: Outcome = Outcome.PASSED) -> Results:
    return Results("tiny", "tiny", [CellResult("a", 3, [TestResult("test_a.py::test_x", "x", outcome, points, 3)])])


def handed_in(folder: Path, when: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "timestamp.txt").write_text(when)
    return folder


def test_each_submission_once_in_the_order_of_its_time(tmp_path: Path) -> None:
    here, submitted = tmp_path / "results" / "tiny", tmp_path / "submitted"
    keep_attempt(here, handed_in(submitted, "2026-02-03 10:00:00 UTC"), results(2))
    keep_attempt(here, handed_in(submitted, "2026-02-02 10:00:00 UTC"), results(1))
    keep_attempt(here, handed_in(submitted, "2026-02-03 10:00:00 UTC"), results(3))
    assert read_attempts(here) == (1, 3)
    assert attempts_file(here) == tmp_path / "results" / "tiny.attempts.jsonl"


def test_what_is_broken_is_no_attempt(tmp_path: Path) -> None:
    keep_attempt(tmp_path / "tiny", handed_in(tmp_path / "s", "1"), results(0, Outcome.BROKEN))
    assert read_attempts(tmp_path / "tiny") == ()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[]\n{}\nnull\n", b'{"submitted": 1, "points": "x"}', b"{"])
def test_a_file_that_is_none_is_begun_again(tmp_path: Path, content: bytes) -> None:
    attempts_file(tmp_path / "tiny").write_bytes(content)
    assert read_attempts(tmp_path / "tiny") == ()
    keep_attempt(tmp_path / "tiny", tmp_path / "nowhere", results(1))
    assert read_attempts(tmp_path / "tiny") == (1,)


def test_a_time_that_is_no_text_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "timestamp.txt").write_bytes(b"\xff\xfe\x00")
    keep_attempt(tmp_path / "tiny", tmp_path / "s", results(1))
    assert read_attempts(tmp_path / "tiny") == (1,)
