"""Copies files into a jail's working directory before the student's code runs, and back when all of it has ended.

The files that come back are the student's, so only regular files are copied, no links, and with limits on size, number
and depth. This module is sent into the sandbox as text and runs in the jail's init. For ordinary kernels the host runs
it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time

Stamps = dict[str, tuple[int, int]]
"""The size and modification time of each file that was copied in. They show whether the file has changed."""
MAX_SECONDS = 10


def bring_in(files: int, work: int) -> Stamps:
    """Copy the regular files in an open host folder into the open working directory."""
    stamps = {}
    for name in _tree(files, 1 << 20, 64, []):
        _copy(files, work, name, 1 << 62)
        stamps[name] = _stamp(os.stat(name, dir_fd=work))
    return stamps


def stamps(work: str) -> Stamps:
    """The stamps of all files in a working directory."""
    return {name: _stamp(os.stat(os.path.join(work, name))) for name in _tree_of(work)}


def bring_back(work: int, out: int, known: Stamps, limits: dict[str, int]) -> list[str]:
    """Copy new and changed files from the open working directory to an open host folder. Return the names left out.

    It is the directory that was opened before the student's code ran: its name may lead anywhere by now.
    """
    left_out: list[str] = []
    room, end = limits["back"], time.monotonic() + MAX_SECONDS
    for name in _tree(work, limits["files"], limits["depth"], left_out):
        try:
            if known.get(name) == _stamp(os.stat(name, dir_fd=work, follow_symlinks=False)):
                continue
            size = _copy(work, out, name, room) if time.monotonic() < end else -1
        except OSError:
            size = -1
        if size < 0:
            left_out.append(name)
        room -= max(0, size)
    return left_out


def _tree(folder: int, most: int, deepest: int, left_out: list[str]) -> list[str]:
    """Names of the regular files under an open folder, without links, up to a number and a depth."""
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
    """Copy a file between open folders. Return its size, or -1 if it is larger than ``room`` and was not copied."""
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
            while size <= room and (data := read.read(1 << 20)):
                size += write.write(data)
    return size


def _stamp(about: os.stat_result) -> tuple[int, int]:
    return about.st_size, about.st_mtime_ns
