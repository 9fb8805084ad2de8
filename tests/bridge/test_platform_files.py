"""Are the time and the secret read from small plain files with nothing else in them, and from no others?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.bridge.platform_files import SECRET, TIME, copy_platform_files, read_secret, read_time, unusable

WHEN = "2026-02-02 15:58:23.948203 UTC"


@pytest.mark.parametrize("text", [WHEN, f"{WHEN}\n", "2026-02-02 15:58:23 Asia/Tokyo", "2026-02-02 15:58:23 +0900"])
def test_a_time(tmp_path: Path, text: str) -> None:
    (tmp_path / TIME).write_text(text)
    assert read_time(tmp_path) == text.strip()
    assert unusable(tmp_path) == []


@pytest.mark.parametrize(
    "content",
    [
        b"\xff", b"soon", b"1e999", b"2026-02-02\x1b[31m", b"9" * 2000, b"0" * 90, b"9999-12-31 23:59:59 UTC",
        b"0001-01-01 00:00:00 UTC", b"9999-12-31 20:00:00 -1400", b"Jan 1 0001", b"1969-12-31 23:59:59 UTC",
    ],
)  # fmt: skip
def test_no_time(tmp_path: Path, content: bytes) -> None:
    (tmp_path / TIME).write_bytes(content)
    assert read_time(tmp_path) is None
    assert unusable(tmp_path) == [tmp_path / TIME]


@pytest.mark.parametrize("name", [TIME, SECRET])
@pytest.mark.parametrize("kind", ["folder", "pipe", "link", "dangling"])
def test_what_is_no_plain_file_is_not_read(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / "there").write_text(WHEN)
    path = tmp_path / name
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(tmp_path / ("there" if kind == "link" else "nowhere"))
    assert (read_time(tmp_path), read_secret(tmp_path)) == (None, None)
    assert unusable(tmp_path) == [path]


def test_only_what_can_be_used_is_copied(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / TIME).write_text(WHEN)
    (source / SECRET).write_text("no secret of two words")
    (source / "page.html").write_text("<script>")
    copy_platform_files(source, target)
    assert [path.name for path in target.iterdir()] == [TIME]
    (source / SECRET).write_text("0123abcd")
    copy_platform_files(source, target)
    assert read_secret(target) == "0123abcd"
