"""Which submissions are done: a mark in each one's folder of results, written last and whole or not at all.

A mark holds a digest of everything a grade depends on, so a new submission or new graders undo it. What was killed
before its mark was there is done again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from autograder.grading.limits import Limits
from autograder.grading.results import Results

MARK = "done.json"


def digest(submitted: Path, release: Path, fingerprint: str, limits: Limits, seed: str) -> str:
    """A digest of what a submission's grade depends on: its files, the released ones, the graders, limits and seed."""
    parts = hashlib.sha256("\0".join((fingerprint, repr(limits), seed)).encode())
    for folder in (submitted, release):
        for path in _files(folder):
            content = path.read_bytes()
            parts.update(f"\0{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode(errors="surrogateescape"))
            parts.update(content)
    return parts.hexdigest()


def mark(folder: Path, of: str, results: Results) -> None:
    """Say in a submission's folder of results that it is done."""
    draft = folder / f"{MARK}.part"
    with draft.open("w", encoding="utf-8") as file:
        json.dump({"digest": of, "status": results.status}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / MARK)


def unmark(folder: Path) -> None:
    """Take the mark away, before anything of the submission is written."""
    (folder / MARK).unlink(missing_ok=True)


def status(folder: Path, of: str) -> str | None:
    """The status a submission was recorded with, or None when it is not done or something of it has changed since."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        said = json.loads((folder / MARK).read_text(encoding="utf-8"))
        return str(said["status"]) if said["digest"] == of else None
    return None


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path
