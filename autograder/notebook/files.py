"""The files beside a notebook that its kernel may read."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

KEPT = ".unreadable"
"""Suffix of a file that was set aside because it could not be read."""
MAX_BYTES = 200 << 20
"""The most bytes that are copied for a submission in total; once they are exceeded, nothing more is copied."""


@contextlib.contextmanager
def staged(submitted: Path | None, released: Path, keep: Iterable[str] = ()) -> Iterator[Path]:
    """A temporary folder with the files that a notebook may read; see :func:`stage_files`."""
    with tempfile.TemporaryDirectory(prefix="files-") as folder:
        stage_files(submitted, released, Path(folder), keep)
        yield Path(folder)


def stage_files(submitted: Path | None, released: Path, target: Path, keep: Iterable[str] = ()) -> None:
    """Copy the submitted and the released files into `target`.

    A released file wins over a submitted one of the same name, except for the names in `keep`. Notebooks and anything
    that is not a regular file are not copied. Links are not copied because they may point outside the folder.
    """
    theirs = list(regular_files(submitted)) if submitted else []
    kept, room = [name for name in theirs if str(name) in keep], MAX_BYTES
    for folder, names in ((submitted, kept), (released, regular_files(released)), (submitted, theirs)):
        for name in names:
            source = Path(folder or "", name)
            room -= source.stat().st_size
            if room >= 0:
                _copy_if_free(source, target / name)


def merge_files(source: Path, target: Path) -> None:
    """Copy the files that a notebook wrote into `target` and overwrite what is there, but never follow a link out."""
    top = target.resolve()
    for name in regular_files(source):
        place = target / name
        if place.is_symlink() or place.is_dir() or not place.parent.resolve().is_relative_to(top):
            continue
        with contextlib.suppress(FileExistsError, NotADirectoryError):
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, place)


def regular_files(folder: Path) -> Iterator[Path]:
    """Relative paths of the files under a folder, without links, notebooks, hidden folders and set-aside files."""
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
        for name in names:
            file = Path(path, name)
            if not file.is_symlink() and file.is_file() and not name.endswith((".ipynb", KEPT)):
                yield file.relative_to(folder)


def read_files(folder: Path) -> dict[str, bytes]:
    """The contents of the regular files under a folder, by relative path."""
    return {name.as_posix(): (folder / name).read_bytes() for name in regular_files(folder)}


def write_files(files: dict[str, bytes], folder: Path) -> None:
    """Write files, as :func:`read_files` returns them, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def write_whole(path: Path, text: str, *, durable: bool = False) -> None:
    """Write a file completely or not at all, and keep its permissions. ``durable``: it also survives a power cut."""
    draft = path.with_name(f"{path.name}.part")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    if path.exists():
        shutil.copymode(path, draft)
    draft.replace(path)


def _copy_if_free(source: Path, target: Path) -> None:
    if target.exists():
        return
    with contextlib.suppress(FileExistsError, NotADirectoryError):  # a file already has the name of the folder
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target, follow_symlinks=False)
