"""The roster: who is in the class, and where each student's repository is."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import BadInput

COLUMNS = ("student_id", "url", "branch")
_ID = re.compile(r"[\w][\w@.=-]{0,99}")  # fit for a folder name; not a pattern, separator or option
_BRANCH = re.compile(r"(?!.*(\.\.|//|@\{|\.lock$|/$))[\w][\w./+-]{0,199}")
_URL = re.compile(r"(https?|ssh|git|file)://\S+|[\w.-]+@[\w.-]+:\S+|[^-:\s][^:]*")


@dataclass(frozen=True)
class Student:
    """One student: the address of the repository and its branch."""

    id: str
    url: str
    branch: str


def read_roster(path: Path, embedded: Path, branch: str) -> list[Student]:
    """Read a roster.

    Parameters
    ----------
    path
        a CSV file with the column ``student_id`` and optionally ``url`` and ``branch``; an address that is a path is
        relative to the roster's folder
    embedded
        the folder of the bare repositories of students without an address
    branch
        the branch of students without one in the roster

    Raises
    ------
    BadInput
        when the roster cannot be used; the message names the line and the reason.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no roster; make one with the columns {','.join(COLUMNS)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: the roster cannot be read: {error}") from None
    rows = csv.DictReader(text.splitlines(), skipinitialspace=True)
    unknown = set(rows.fieldnames or ()) - set(COLUMNS)
    if "student_id" not in (rows.fieldnames or ()) or unknown:
        raise BadInput(f"{path}: the first line must name the columns {','.join(COLUMNS)}; only the first is needed")
    students: dict[str, Student] = {}
    for row in rows:
        values = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if None in row:
            raise BadInput(f"{path}, line {rows.line_num}: more values than columns")
        student = _student(values, f"{path}, line {rows.line_num}", path.parent, embedded, branch)
        if student.id in students:
            raise BadInput(f"{path}, line {rows.line_num}: '{student.id}' is there twice")
        if any((student.url, student.branch) == (one.url, one.branch) for one in students.values()):
            raise BadInput(f"{path}, line {rows.line_num}: '{student.id}' has another student's repository and branch")
        students[student.id] = student
    return list(students.values())


def _student(row: dict[str, str], place: str, folder: Path, embedded: Path, branch: str) -> Student:
    student, url, branch = row["student_id"], row["url"], row["branch"] or branch
    if not _ID.fullmatch(student):
        raise BadInput(f"{place}: '{student}' cannot be a student_id: letters, digits and . _ - @ = only")
    if not _BRANCH.fullmatch(branch):
        raise BadInput(f"{place}: '{branch}' cannot be a branch")
    if not url:
        return Student(student, str(embedded / f"{student}.git"), branch)
    return Student(student, address(url, folder, place), branch)


def address(url: str, folder: Path, place: str) -> str:
    """An address that git accepts: a URL, ``user@host:path``, or an absolute path.

    Raises
    ------
    BadInput
        when it is not an address; the message names ``place``, where it was written.
    """
    if not _URL.fullmatch(url):
        raise BadInput(f"{place}: '{url}' is not an address of a repository: https://, ssh://, file:// or a path")
    return url if "://" in url or ":" in url else str((folder / url).resolve())
