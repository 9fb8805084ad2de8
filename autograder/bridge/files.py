"""The files beside a notebook that its kernel may read."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.bridge.repair import KEPT


def stage_files(submitted: Path, released: Path, target: Path, keep: Iterable[str] = ()) -> None:
    """Copy a submission's files into `target`; the released ones take precedence, but for those in `keep`.

    Notebooks stay behind, and so do links, which may point out of the folder, and whatever is not a regular
    file.
    """
    theirs = list(regular_files(submitted))
    kept = [name for name in theirs if str(name) in keep]
    for folder, names in ((submitted, kept), (released, regular_files(released)), (submitted, theirs)):
        for name in names:
            _copy_if_free(folder / name, target / name)


def regular_files(folder: Path) -> Iterator[Path]:
    """The files under a folder, relative to it, without following a link."""
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in ("__pycache__", ".ipynb_checkpoints")]
        for name in names:
            file = Path(path, name)
            if not file.is_symlink() and file.is_file() and not name.endswith((".ipynb", KEPT)):
                yield file.relative_to(folder)


def _copy_if_free(source: Path, target: Path) -> None:
    if target.exists():
        return
    with contextlib.suppress(
        FileExistsError, NotADirectoryError
    ):  # there is a file where this needs a folder
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target, follow_symlinks=False)
