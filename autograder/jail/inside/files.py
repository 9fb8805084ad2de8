"""Files in and out of a jail: into the working directory before the student's code runs, back when all of it is gone.

What comes back was made by the student: regular files only, no links, bounded in size, number and depth. Sent into the
sandbox as text; runs in the jail's init.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time

Stamps = dict[str, tuple[int, int]]
"""Size and time of each file that was brought in, by which an unchanged one is known."""
MAX_SECONDS = 10


def bring_in(files: int, work: str) -> Stamps:
    """Copy everything in an open folder of the host's into the working directory."""
    target = os.open(work, os.O_RDONLY | os.O_DIRECTORY)
    stamps = {}
    for name in _tree(files, 1 << 20, 64, []):
        _copy(files, target, name, 1 << 62)
        stamps[name] = _stamp(os.stat(name, dir_fd=target))
    os.close(target)
    return stamps


def stamps(work: str) -> Stamps:
    """What lies in a working directory."""
    return {name: _stamp(os.stat(os.path.join(work, name))) for name in _tree_of(work)}


def bring_back(work: str, out: int, known: Stamps, limits: dict[str, int]) -> list[str]:
    """Copy what was written into the working directory to an open folder of the host's; the names left out."""
    left_out: list[str] = []
    room, end = limits["back"], time.monotonic() + MAX_SECONDS
    source = os.open(work, os.O_RDONLY | os.O_DIRECTORY)
    for name in _tree(source, limits["files"], limits["depth"], left_out):
        try:
            if known.get(name) == _stamp(os.stat(name, dir_fd=source, follow_symlinks=False)):
                continue
            size = _copy(source, out, name, room) if time.monotonic() < end else -1
        except OSError:
            size = -1
        if size < 0:
            left_out.append(name)
        room -= max(0, size)
    return left_out


def _tree(folder: int, most: int, deepest: int, left_out: list[str]) -> list[str]:
    """Regular files under an open folder, no links, at most so many and so deep."""
    found: list[str] = []
    for path, folders, names, handle in os.fwalk(".", dir_fd=folder):
        if path.count("/") >= deepest:
            folders[:] = []
        folders.sort()
        for name in sorted(names):
            about = os.stat(name, dir_fd=handle, follow_symlinks=False)
            where = os.path.normpath(os.path.join(path, name))
            if not stat.S_ISREG(about.st_mode) or len(found) >= most:
                left_out.append(where)
            else:
                found.append(where)
    return found


def _tree_of(work: str) -> list[str]:
    source = os.open(work, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return _tree(source, 1 << 20, 64, [])
    finally:
        os.close(source)


def _copy(source: int, target: int, name: str, room: int) -> int:
    """Copy a file between open folders; how many bytes it had, or -1 when there was no room and nothing is left."""
    here = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=source)
    with open(here, "rb") as read:
        if os.fstat(here).st_size > room:
            return -1
        folder = ""
        for part in name.split("/")[:-1]:
            folder = os.path.join(folder, part)
            with contextlib.suppress(FileExistsError):
                os.mkdir(folder, dir_fd=target)
        there = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=target)
        with open(there, "wb") as write:
            size = 0
            while data := read.read(1 << 20):
                size += write.write(data)
    return size


def _stamp(about: os.stat_result) -> tuple[int, int]:
    return about.st_size, about.st_mtime_ns
