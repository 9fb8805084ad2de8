"""Temporary folders that do not outlive the run that made them for long, however it ended.

They hold what students wrote. A run that is killed cannot remove them, so the next run does. Each folder has a file
that its maker keeps locked; the system gives the lock free when that process ends. A folder whose lock can be had
belongs to no live run.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "autograder-"
SHORT_PREFIX, SHORT_PLACE = "ag-", "/tmp"
"""For folders with sockets: the address of a Unix socket has at most 107 bytes."""
LOCK = ".held"
_locks: dict[Path, int] = {}
"""The descriptors of the locks of this process's folders."""


@contextlib.contextmanager
def temporary_folder(kind: str) -> Iterator[Path]:
    """An empty folder called ``kind`` for as long as the block runs; nobody else can enter it."""
    place = _made(PREFIX, tempfile.gettempdir())
    try:
        folder = place / kind
        folder.mkdir()
        yield folder
    finally:
        remove(place)


def short_folder() -> Path:
    """A folder with a short path, until :func:`remove` is called; its own lock is the only file in it."""
    return _made(SHORT_PREFIX, SHORT_PLACE)


def remove(folder: Path) -> None:
    """Remove a folder that this module made, and give its lock free."""
    shutil.rmtree(folder, ignore_errors=True)
    lock = _locks.pop(folder, None)
    if lock is not None:
        os.close(lock)


def sweep() -> list[Path]:
    """Remove what runs of this user that have ended left in temporary folders; the folders that were removed.

    A folder without a lock is left alone: it is not one of ours, or was made a moment ago.
    """
    removed = []
    for place, prefix in ((tempfile.gettempdir(), PREFIX), (SHORT_PLACE, SHORT_PREFIX)):
        with contextlib.suppress(OSError):
            for entry in list(os.scandir(place)):
                folder = Path(entry.path)
                if entry.name.startswith(prefix) and _is_abandoned(folder):
                    shutil.rmtree(folder, ignore_errors=True)
                    removed.append(folder)
    return removed


def _made(prefix: str, place: str) -> Path:
    _sweep_once(os.getpid())
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    draft = folder / f"{LOCK}.{secrets.token_hex(4)}"
    lock = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    draft.rename(folder / LOCK)  # locked before anybody else can see it
    _locks[folder] = lock
    return folder


@functools.lru_cache(maxsize=1)
def _sweep_once(_process: int) -> None:
    """Sweep when a process makes its first folder."""
    sweep()


def _is_abandoned(folder: Path) -> bool:
    """Whether a folder is this user's, was made here, and its maker has ended."""
    try:
        about = os.lstat(folder)
        if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.geteuid():
            return False
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except OSError:
        return False
    finally:
        os.close(lock)
