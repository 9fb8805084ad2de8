"""The files beside a notebook that its kernel may read."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

KEPT = ".unreadable"
"""Ending of a file that was set aside because nobody can read it."""
MAX_BYTES = 200 << 20
"""What a submission's files may hold in all; what comes after that stays behind."""


@contextlib.contextmanager
def staged(submitted: Path | None, released: Path, keep: Iterable[str] = ()) -> Iterator[Path]:
    """A temporary folder with the files a notebook may find beside it; see :func:`stage_files`."""
    with tempfile.TemporaryDirectory(prefix="files-") as folder:
        stage_files(submitted, released, Path(folder), keep)
        yield Path(folder)


def stage_files(submitted: Path | None, released: Path, target: Path, keep: Iterable[str] = ()) -> None:
    """Copy a submission's files into `target`; the released ones take precedence, but for those in `keep`.

    Notebooks stay behind, and so do links, which may point out of the folder, and whatever is not a regular
    file.
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
    """Copy what a notebook wrote to where it is kept, over what is there, but through no link out of it."""
    top = target.resolve()
    for name in regular_files(source):
        place = target / name
        if place.is_symlink() or place.is_dir() or not place.parent.resolve().is_relative_to(top):
            continue
        with contextlib.suppress(FileExistsError, NotADirectoryError):
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, place)


def regular_files(folder: Path) -> Iterator[Path]:
    """The files under a folder, relative to it, without following a link."""
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
        for name in names:
            file = Path(path, name)
            if not file.is_symlink() and file.is_file() and not name.endswith((".ipynb", KEPT)):
                yield file.relative_to(folder)


def read_files(folder: Path) -> dict[str, bytes]:
    """The regular files under a folder by their path relative to it."""
    return {name.as_posix(): (folder / name).read_bytes() for name in regular_files(folder)}


def write_files(files: dict[str, bytes], folder: Path) -> None:
    """Write what :func:`read_files` read into a new folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def write_whole(path: Path, text: str, *, durable: bool = False) -> None:
    """Write a file whole or not at all, with the rights that it had. ``durable``: it also outlives a power cut."""
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
    with contextlib.suppress(FileExistsError, NotADirectoryError):  # there is a file where this needs a folder
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target, follow_symlinks=False)
