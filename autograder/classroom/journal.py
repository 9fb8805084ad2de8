"""Which submissions are done: each one's results folder has a mark, written last, either completely or not at all.

A mark holds digests of everything a grade depends on: what was submitted, and what it was graded with. A new submission
makes the mark invalid. With new graders, the grade stands until somebody asks for a regrade. If grading was killed
before the mark was written, it is done again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.limits import Limits
from autograder.notebook.files import ALL, plain_files, write_whole

MARK = "done.json"


@dataclass(frozen=True)
class Digest:
    """What a submission's grade depends on, as digests.

    Attributes
    ----------
    submission
        the digest of the files handed in
    grading
        the digest of the graders, the released files, the limits and the course's seed
    """

    submission: str
    grading: str


@dataclass(frozen=True)
class Mark:
    """Says that a submission is done.

    Attributes
    ----------
    digest
        what its grade was made from
    status
        the status of its results
    waiting
        whether any of its tests waits for a GPU
    took_s
        wall-clock seconds that a worker was busy with it; 0 if that is not known
    """

    digest: Digest
    status: str
    waiting: bool
    took_s: float = 0.0


def grading_digest(release: Path, fingerprint: str, limits: Limits, seed: str) -> str:
    """A digest of everything that a whole class is graded with."""
    return _digest(release, "\0".join((fingerprint, repr(limits), seed)))


def submission_digest(submitted: Path) -> str:
    """A digest of the files of a submission."""
    return _digest(submitted, "")


def write(folder: Path, mark: Mark) -> None:
    """Mark a submission as done in its results folder."""
    said = {**vars(mark.digest), "status": mark.status, "waiting": mark.waiting, "took_s": round(mark.took_s, 2)}
    write_whole(folder / MARK, json.dumps(said), durable=True)


def unmark(folder: Path) -> None:
    """Remove the mark; call this before writing any results."""
    (folder / MARK).unlink(missing_ok=True)


def read(folder: Path) -> Mark | None:
    """The mark of a submission; None when it is not done."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        said = json.loads((folder / MARK).read_text(encoding="utf-8"))
        digest = Digest(said["submission"], said["grading"])
        return Mark(digest, str(said["status"]), bool(said["waiting"]), float(said.get("took_s", 0)))
    return None


def _digest(folder: Path, about: str) -> str:
    parts = hashlib.sha256(about.encode())
    for path in sorted(plain_files(folder, ALL)[0]):
        content = (folder / path).read_bytes()
        parts.update(f"\0{path.as_posix()}\0{len(content)}\0".encode(errors="surrogateescape"))
        parts.update(content)
    return parts.hexdigest()
