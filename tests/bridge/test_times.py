"""Is a due date or a time of submission what it says, and refused where it could mean several times?"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import nbgrader.utils
import pytest
from nbgrader.api import Gradebook

from autograder.bridge.platform_files import TIME, read_time, unusable
from autograder.bridge.times import exact_time, in_full, install, read_utc
from autograder.errors import BadInput
from tests.support.courses import NOTEBOOK, SLUG, command, make_course, release_plain_course
from tests.support.courses import TIME as STAMP

TEN = datetime(2026, 6, 30, 21, 59)


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-30 23:59 +0200", "2026-06-30 23:59 +02:00", "2026-06-30 23:59+02:00", "2026-06-30T23:59:00+0200",
        "2026-06-30 23:59 Europe/Berlin", "2026-06-30 21:59 UTC", "2026-06-30T21:59Z", "2026-07-01 06:59:00 Asia/Tokyo",
    ],
)  # fmt: skip
def test_one_time_written_in_many_ways(text: str) -> None:
    assert exact_time(text).astimezone(UTC).replace(tzinfo=None) == TEN
    assert read_utc(text) == TEN


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-06-30 23:59 JST", "'JST' is no time zone"),
        ("2026-06-30 23:59 CEST", "'CEST' is no time zone"),
        ("2026-06-30 23:59 GMT+0100", "'GMT\\+0100' is no time zone"),
        ("2026-06-30 23:59 Europe", "'Europe' is no time zone"),
        ("2026-06-30 23:59 ../../etc/passwd", "is no date with a time"),
        ("2026-06-30 23:59", "and a time zone"),
        ("2026-06-30", "is no date with a time"),
        ("06/07/2026 23:59 UTC", "is no date with a time"),
        ("2026-02-30 10:00 UTC", "is no date with a time"),
        ("2026-06-30 23:59 +99:00", "is no date with a time"),
        ("2026-10-25 02:30 Europe/Berlin", "exists twice"),
        ("2026-03-29 02:30 Europe/Berlin", "does not exist"),
        ("soon", "is no date with a time"),
    ],
)
def test_what_could_mean_several_times_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why) as refused:
        exact_time(text)
    assert "\n" not in str(refused.value)


def test_an_abbreviation_of_the_courses_own_zone_is_understood() -> None:
    assert read_utc("2026-06-30 23:59 CEST", "Europe/Berlin") == TEN
    with pytest.raises(BadInput):
        read_utc("2026-06-30 23:59 CET", "Europe/Berlin")  # not in summer


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("2026-06-30 23:59 Europe/Berlin", "2026-06-30 23:59 Europe/Berlin (CEST), 21:59 UTC"),
        ("2026-12-01 00:30 +09:00", "2026-12-01 00:30 UTC+09:00, 2026-11-30 15:30 UTC"),
        ("2026-12-01 22:59Z", "2026-12-01 22:59 UTC"),
    ],
)
def test_in_full(text: str, full: str) -> None:
    assert in_full(exact_time(text)) == full


@pytest.fixture
def gradebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gradebook:
    monkeypatch.setattr(nbgrader.utils, "parse_utc", nbgrader.utils.parse_utc)
    install("UTC")
    return Gradebook(f"sqlite:///{tmp_path / 'book.db'}")


def test_nbgrader_reads_what_its_formgrader_writes(gradebook: Gradebook) -> None:
    """The formgrader puts the course's offset behind the date, as in "+0200"."""
    with gradebook:
        assert gradebook.update_or_create_assignment("one", duedate="2026-06-30T23:59 +0200").duedate == TEN
        with pytest.raises(BadInput, match="JST"):
            gradebook.update_or_create_assignment("one", duedate="2026-06-30 23:59 JST")
        assert gradebook.find_assignment("one").duedate == TEN
        assert gradebook.update_or_create_assignment("one", duedate=None).duedate is None


def test_a_time_in_the_name_of_a_file_is_read_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does `nbgrader zip_collect` note when a file was handed in that a learning platform has named?"""
    monkeypatch.setenv("AUTOGRADER_SEED", "any")
    release_plain_course(tmp_path)
    archive = tmp_path / "course" / "downloaded" / SLUG / "archive"
    archive.mkdir(parents=True)
    name = f"one_ada_attempt_2016-01-30-20-30-10_{NOTEBOOK}"
    shutil.copyfile(tmp_path / "assignments" / SLUG / NOTEBOOK, archive / name)
    pattern = r".+_(?P<student_id>\w+)_attempt_(?P<timestamp>[0-9\-]+)_(?P<file_id>.*)"
    command(tmp_path, "zip_collect", SLUG, f"--FileNameCollectorPlugin.named_regexp={pattern}")
    folder = tmp_path / "course" / "submitted" / "ada" / SLUG
    assert (folder / TIME).read_text() == "2016-01-30 20:30:10"
    assert read_time(folder) == "2016-01-30 20:30:10"


def test_a_stamp_of_a_zone_that_nobody_knows_is_set_aside(gradebook: Gradebook, tmp_path: Path) -> None:
    with gradebook:
        (tmp_path / TIME).write_text("2026-06-30 23:59:00.000000 JST")
        assert read_time(tmp_path) is None
        assert unusable(tmp_path) == [tmp_path / TIME]
        (tmp_path / TIME).write_text(STAMP)
        assert read_time(tmp_path) == STAMP


def test_nbgraders_own_command_ends_with_one_line(tmp_path: Path) -> None:
    make_course(tmp_path)
    (tmp_path / "dates.csv").write_text(f"name,duedate\n{SLUG},2026-06-30 23:59 JST\n")
    for arguments in (("add", SLUG, "--duedate=2026-06-30 23:59 JST"), ("import", "dates.csv")):
        said = command(tmp_path, "db", "assignment", *arguments, status=1)
        assert "'JST' is no time zone" in said
        assert "Traceback" not in said
