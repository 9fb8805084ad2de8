"""What belongs to the platform in a submission's folder: the time and the secret beside the notebook.

nbgrader keeps both in text files in the folder that the student fills, and copies them from step to step. Here they are
checked where they come in and again before each use: a regular file, small, with nothing in it but what it is for. In
the folders that the platform writes, `autograded` and `feedback`, no file of a student's lies beside them.
"""

from __future__ import annotations

import contextlib
import os
import re
from datetime import datetime
from pathlib import Path

import nbgrader.utils
from nbgrader.utils import parse_utc

from autograder.bridge.times import YEARS
from autograder.errors import BadInput
from autograder.notebook.files import open_plain

TIME, SECRET = "timestamp.txt", "submission_secret.txt"
MAX_BYTES = 1_000
_SECRET = re.compile(r"[!-~]{1,500}\n?")
_TIME = re.compile(r"[\w:.+, /-]{1,100}", re.ASCII)


def read_time(folder: Path) -> str | None:
    """The time in a folder's timestamp file; None if there is none that can be read without guessing."""
    text = (_small_text(folder / TIME) or "").strip()
    if why_no_time(text) is not None:
        return None
    with contextlib.suppress(BadInput):
        nbgrader.utils.parse_utc(text)  # strict where the course's configuration has been read: bridge.times
        return text
    return None


def why_no_time(text: str) -> str | None:
    """Why nbgrader cannot read a time, or cannot compute with it; None if it can."""
    try:
        if _TIME.fullmatch(text):
            read = parse_utc(text)
            if isinstance(read, datetime) and read.year not in YEARS:
                return f"not a time of the years {YEARS.start} to {YEARS.stop - 1}"
            return None if isinstance(read, datetime) else "not a time"
    except (ValueError, OverflowError, TypeError, AttributeError):
        pass
    return "not a time"


def read_secret(folder: Path) -> str | None:
    """The secret under which nbgrader finds a student's feedback; None if there is none that it can use."""
    text = _small_text(folder / SECRET)
    return text if text is not None and _SECRET.fullmatch(text) else None


def copy_platform_files(source: Path, target: Path) -> None:
    """Write the time and the secret of one folder, if they can be used, into another that the platform fills."""
    target.mkdir(parents=True, exist_ok=True)
    for name, text in ((TIME, read_time(source)), (SECRET, read_secret(source))):
        if text is not None:
            (target / name).unlink(missing_ok=True)
            (target / name).write_text(text, encoding="utf-8")


def unusable(folder: Path) -> list[Path]:
    """The platform's files of a folder that are there but cannot be used; an empty time counts as none."""
    found = [folder / TIME] if read_time(folder) is None and _small_text(folder / TIME) != "" else []
    if read_secret(folder) is None:
        found.append(folder / SECRET)
    return [path for path in found if os.path.lexists(path)]


def _small_text(path: Path) -> str | None:
    """The text of a small regular file; None for a link, a folder, a pipe, a large file, or bytes that are no text."""
    try:
        with open_plain(path.parent, Path(path.name)) as file:
            content = file.read(MAX_BYTES + 1)
        return content.decode() if len(content) <= MAX_BYTES else None
    except (OSError, UnicodeDecodeError):
        return None
