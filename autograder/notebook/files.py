"""The files beside a notebook that its kernel may read."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from autograder.notebook.names import shown, why_no_file
from autograder.temporary import temporary_folder

KEPT = ".unreadable"
"""Suffix of a file that was set aside because it could not be read."""
MAX_BYTES = 200 << 20
"""The most bytes that are copied for a submission in total; once they are exceeded, nothing more is copied."""
MAX_FILES = 2_000
"""The most entries of a submission, files and folders together, that are looked at; the topmost come first."""
_PIECE = 1 << 20
MAX_DEPTH = 12
"""How deep a submission's folders are looked into."""
ALL = 1_000_000
"""As many entries as an instructor's own folder may have."""


@contextlib.contextmanager
def staged(submitted: Path | None, released: Path, keep: Iterable[str] = ()) -> Iterator[Path]:
    """A temporary folder with the files that a notebook may read; see :func:`stage_files`."""
    with temporary_folder("files") as folder:
        stage_files(submitted, released, Path(folder), keep)
        yield Path(folder)


def stage_files(submitted: Path | None, released: Path, target: Path, keep: Iterable[str] = ()) -> None:
    """Copy the submitted and the released files into `target`.

    A released file wins over a submitted one of the same name, except for the names in `keep`. Notebooks and anything
    that is not a regular file are not copied. Links are not copied because they may point outside the folder.
    """
    theirs = list(regular_files(submitted)) if submitted else []
    kept, room = [name for name in theirs if str(name) in keep], MAX_BYTES
    for folder, names in ((submitted, kept), (released, regular_files(released, ALL)), (submitted, theirs)):
        for name in names:
            top = folder or Path()
            room -= os.lstat(top / name).st_size
            if room >= 0:
                _copy_if_free(top, name, target / name)


def merge_files(source: Path, target: Path) -> None:
    """Copy the files that a notebook wrote into `target` and overwrite what is there, but never follow a link out."""
    top = target.resolve()
    for name in regular_files(source):
        place = target / name
        if place.is_symlink() or place.is_dir() or not place.parent.resolve().is_relative_to(top):
            continue
        with contextlib.suppress(FileExistsError, NotADirectoryError):
            place.parent.mkdir(parents=True, exist_ok=True)
            copy_plain_file(source, name, place)


def regular_files(folder: Path, limit: int = MAX_FILES) -> Iterator[Path]:
    """Relative paths of the files under a folder, without links, notebooks, hidden folders and set-aside files."""
    for file in plain_files(folder, limit)[0]:
        hidden = any(part == "__pycache__" or part.startswith(".") or part.endswith(KEPT) for part in file.parts[:-1])
        if not hidden and not file.name.endswith((".ipynb", KEPT)):
            yield file


def plain_files(folder: Path, limit: int = MAX_FILES) -> tuple[list[Path], dict[str, str]]:
    """The regular files under a folder that somebody else filled, and what is left out and why.

    Links and devices are left out, and names that cannot be shown. The search goes from the top down. It ends after
    ``limit`` entries and :data:`MAX_DEPTH` folders, so it takes bounded time, however many there are.

    Returns
    -------
    tuple
        the relative paths, and the reasons by a short form of the path that can be shown
    """
    files: list[Path] = []
    left: dict[str, str] = {}
    level, room = [Path()], limit
    for depth in range(MAX_DEPTH + 1):
        below: list[Path] = []
        for parent in level:
            with contextlib.suppress(OSError), os.scandir(folder / parent) as found:
                for entry in sorted(itertools.islice(found, room + 1), key=lambda entry: entry.name):
                    path = parent / entry.name
                    why = why_no_file(path.as_posix()) or _why_not_plain(entry, depth)
                    room -= 1
                    if room < 0:
                        return files, left | {shown(parent): f"more than {limit} files and folders"}
                    if why is not None:
                        left[shown(path)] = why
                    else:
                        (below if entry.is_dir(follow_symlinks=False) else files).append(path)
        level = below
    return files, left


def _why_not_plain(entry: os.DirEntry[str], depth: int) -> str | None:
    if entry.is_symlink():
        return "a link"
    if entry.is_dir(follow_symlinks=False):
        return f"folders in folders, more than {MAX_DEPTH} deep" if depth == MAX_DEPTH else None
    return None if entry.is_file(follow_symlinks=False) else "neither a file nor a folder"


def copy_plain_file(folder: Path, name: Path, target: Path) -> None:
    """Copy a regular file below a folder that somebody else may change meanwhile, without its rights.

    No link is followed, in the name or on the way to it, whatever lay there when the folder was listed.

    Raises
    ------
    OSError
        when it is not there any more, or something else is.
    """
    with open_plain(folder, name) as source, target.open("wb") as copy:
        left = os.fstat(source.fileno()).st_size
        while left > 0 and (piece := source.read(min(left, _PIECE))):
            left -= copy.write(piece)


@contextlib.contextmanager
def open_plain(folder: Path, name: Path) -> Iterator[BinaryIO]:
    """Open a regular file below a folder for reading, as :func:`copy_plain_file` does."""
    inside = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in name.parts[:-1]:
            above, inside = inside, os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=inside)
            os.close(above)
        # a pipe would wait for a writer
        opened = os.open(name.parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
    finally:
        os.close(inside)
    with os.fdopen(opened, "rb") as file:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(name))
        yield file


def read_files(folder: Path) -> dict[str, bytes]:
    """The contents of the regular files under a folder, by relative path."""
    found = {}
    for name in regular_files(folder):
        with open_plain(folder, name) as file:
            found[name.as_posix()] = file.read()
    return found


def write_files(files: dict[str, bytes], folder: Path) -> None:
    """Write files, as :func:`read_files` returns them, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def write_whole(path: Path, text: str | bytes, *, durable: bool = False) -> None:
    """Write a file completely or not at all, and keep its permissions. ``durable``: it also survives a power cut."""
    draft = path.with_name(f"{path.name}.part")
    with draft.open("wb") as file:
        file.write(text.encode() if isinstance(text, str) else text)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    if path.exists():
        shutil.copymode(path, draft)
    draft.replace(path)


def _copy_if_free(folder: Path, name: Path, target: Path) -> None:
    if target.exists():
        return
    with contextlib.suppress(FileExistsError, NotADirectoryError):  # a file already has the name of the folder
        target.parent.mkdir(parents=True, exist_ok=True)
        copy_plain_file(folder, name, target)
