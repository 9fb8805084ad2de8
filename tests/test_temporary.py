"""Does nothing that a student wrote stay in a temporary folder for long, and does no live run lose anything?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder import temporary
from autograder.temporary import LOCK, PREFIX, SHORT_PREFIX, short_folder, sweep, temporary_folder
from tests.support.paths import ROOT

HOLDS = """
import sys, time
from autograder.temporary import short_folder, temporary_folder
with temporary_folder("files") as folder:
    (folder / "answer.py").write_text("a student's")
    print(folder.parent, short_folder(), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own for temporary folders."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(temporary, "SHORT_PLACE", str(tmp_path))
    return tmp_path


def holder(place: Path) -> tuple[subprocess.Popen[str], list[Path]]:
    """Another process that has made two folders, and the folders."""
    code = f"from autograder import temporary; temporary.SHORT_PLACE = {str(place)!r}\n{HOLDS}"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(place)},
    )  # fmt: skip
    assert process.stdout is not None
    return process, [Path(path) for path in process.stdout.readline().split()]


def test_a_folder_is_there_for_a_block(place: Path) -> None:
    with temporary_folder("files") as folder:
        assert (folder.name, folder.parent.parent) == ("files", place)
        assert list(folder.iterdir()) == []
        assert folder.parent.stat().st_mode & 0o077 == 0
        (folder / "x").touch()
    assert list(place.iterdir()) == []


def test_it_goes_when_the_block_fails(place: Path) -> None:
    with pytest.raises(ValueError, match="x"), temporary_folder("files"):
        raise ValueError("x")
    assert list(place.iterdir()) == []


def test_what_a_killed_run_left_is_swept_at_the_next_start(place: Path) -> None:
    process, left = holder(place)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert (left[0] / "files" / "answer.py").is_file(), "the protection taken out: without a sweep it stays"
    other, folders = holder(place)
    assert not [path for path in left if path.exists()]
    assert [path for path in folders if path.exists()] == folders
    other.communicate()


def test_a_live_run_keeps_its_folders(place: Path) -> None:
    process, folders = holder(place)
    assert sweep() == []
    assert all(path.is_dir() for path in folders)
    process.communicate()
    assert not folders[0].exists(), "removed by its own process"
    assert sweep() == [folders[1]], "the short one was not removed at its end"


def test_what_is_not_ours_stays(place: Path, tmp_path: Path) -> None:
    """A folder without a lock, of another name, of another user's, a link, and a lock that is a link."""
    (place / f"{PREFIX}mine").mkdir()
    other = place / "other"
    other.mkdir()
    (other / LOCK).touch()
    (place / f"{PREFIX}link").symlink_to(other)
    (place / f"{SHORT_PREFIX}x").mkdir()
    (place / f"{SHORT_PREFIX}x" / LOCK).symlink_to(other / LOCK)
    (place / f"{PREFIX}file").touch()
    before = sorted(place.rglob("*"))
    assert sweep() == []
    assert sorted(place.rglob("*")) == before


def test_another_users_folder_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process, folders = holder(place)
    process.kill()
    process.communicate()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert sweep() == []
    assert all(path.is_dir() for path in folders)


def test_a_short_folder_is_ours_until_it_is_removed(place: Path) -> None:
    folder = short_folder()
    assert [path.name for path in folder.iterdir()] == [LOCK]
    assert sweep() == []
    temporary.remove(folder)
    assert not folder.exists()
