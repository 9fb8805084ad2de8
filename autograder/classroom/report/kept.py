"""Whether anything has changed since a report was made: a second run with nothing new makes nothing.

The state of everything that a report is made from is compared: the modification time and size of the gradebook, of
every results.json, of what was handed in, of the feedback, of the sprint's own files, and of this package.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.bridge.attempts import ENDING
from autograder.bridge.course_settings import CourseSettings
from autograder.classroom.report.remarks import REMARKS
from autograder.course.sprint import PACKAGE
from autograder.notebook.files import write_whole

MADE = "made.json"
SQLITE = "sqlite:///"


def state(settings: CourseSettings, sprints: Iterable[str], reference: Path, about: str) -> str:
    """A digest of the state; "" if it cannot be known, because the gradebook is on a server.

    ``about``: the options of the command.
    """
    if not settings.db_url.startswith(SQLITE):
        return ""
    digest = hashlib.sha256(f"{about}\0{settings}".encode(errors="surrogateescape"))
    book = settings.db_url.removeprefix(SQLITE)
    files = [book, f"{book}-wal", f"{book}-journal", str(settings.report_folder / REMARKS)]
    for sprint in sprints:
        files += _of_students(settings, sprint)
        for folder in (Path(settings.graders) / sprint, Path(settings.release) / sprint, reference / sprint):
            files += _below(folder)
    files += _below(PACKAGE)
    for path in files:
        digest.update(f"{path}\0{_stamp(path)}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()


def is_made(settings: CourseSettings, name: str, now: str) -> bool:
    """Whether what was made under a name is there, unchanged, and was made from the same state."""
    said = _read(settings).get(name)
    if not now or not isinstance(said, dict) or said.get("state") != now:
        return False
    pages = said.get("pages")
    return isinstance(pages, dict) and all(_stamp(path) == stamp for path, stamp in pages.items())


def said_of(settings: CourseSettings, name: str) -> tuple[str, tuple[str, ...]]:
    """What was said when it was made: the class in one line, and warnings."""
    said = _read(settings).get(name, {})
    warnings = said.get("warnings")
    return str(said.get("summary", "")), tuple(map(str, warnings if isinstance(warnings, list) else ()))


def keep(
    settings: CourseSettings, name: str, now: str, pages: Iterable[Path], summary: str, warnings: Iterable[str]
) -> None:
    """Note what was made, what was said, and from which state."""
    if not now:
        return
    about = {
        "state": now,
        "pages": {str(path): _stamp(str(path)) for path in pages},
        "summary": summary,
        "warnings": list(warnings),
    }
    with contextlib.suppress(OSError):  # then the next run makes it again
        settings.report_folder.mkdir(parents=True, exist_ok=True)
        write_whole(settings.report_folder / MADE, json.dumps({**_read(settings), name: about}, indent=1))


def _read(settings: CourseSettings) -> dict[str, dict[str, object]]:
    with contextlib.suppress(OSError, ValueError):
        said = json.loads((settings.report_folder / MADE).read_text(encoding="utf-8"))
        if isinstance(said, dict):
            return said
    return {}


def _of_students(settings: CourseSettings, sprint: str) -> Iterator[str]:
    """The files of every student that a report reads or links to."""
    ends = {
        "results": ("/results.json", ENDING),
        "submitted": ("", "/timestamp.txt"),
        "feedback": (f"/{sprint}.html",),
    }
    for step, names in ends.items():
        before, _, after = settings.steps[step].replace("{assignment_id}", sprint).partition("{student_id}")
        with contextlib.suppress(OSError):
            for student in sorted(os.listdir(before)):
                yield from (f"{before}{student}{after}{name}" for name in names)


def _below(folder: Path) -> list[str]:
    found = []
    for path, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        found += [os.path.join(path, name) for name in sorted(names)]
    return found


def _stamp(path: str) -> list[int]:
    try:
        found = os.stat(path)
    except OSError:
        return []
    return [found.st_mtime_ns, found.st_size]
