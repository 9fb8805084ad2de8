"""Names that somebody else chose: which files and student ids may come in.

A name is refused where it enters, so that no message, page, path or log has to show it. What is refused is quoted in
messages by :func:`shown`.
"""

from __future__ import annotations

import re
from pathlib import Path

from autograder.text import clean

MAX_NAME, MAX_PATH = 255, 1000
_STUDENT = re.compile(r"\w(?:[\w@.=+ -]{0,98}[\w@.=+-])?")


def why_no_file(path: str) -> str | None:
    """Why a file cannot come in under this relative path; None if it can."""
    parts = path.split("/")
    name = parts[-1]
    if "\\" in name or any(not part.rstrip(". ") or part.casefold().rstrip(". ") == ".git" for part in parts):
        return "a name that leaves the folder"
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "a name that is not UTF-8"
    if clean(name, MAX_NAME) != name or "\n" in name or "\t" in name or len(name.encode()) > MAX_NAME:
        return "a name that cannot be shown, or is too long"
    return "folders in folders with too long a path" if len(path) > MAX_PATH else None


def why_no_student(student: str) -> str | None:
    """Why this cannot be a student's id; None if it can: letters, digits, spaces inside and ``. _ - @ = +``."""
    if _STUDENT.fullmatch(student) and clean(student, 100) == student:
        return None
    return "the student's id is empty, too long, or has other characters than letters, digits, spaces and . _ - @ = +"


def shown(name: str | Path, limit: int = 100) -> str:
    """A refused name as one short line that can be shown."""
    text = clean(str(name).encode("utf-8", "replace").decode(), limit)
    return " ".join(text.split()) or "(nothing that can be shown)"
