"""`autograder adopt`: lets an nbgrader course that exists be graded by the platform, and takes that back.

A few lines are written at the end of the course's nbgrader_config.py. No notebook, grade or folder of the course
changes; the platform's own files lie in a folder that git ignores.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.bridge.config import configure, whole_path
from autograder.bridge.course_settings import CONFIG, nbgrader_in
from autograder.bridge.survey import Assignment, assignments
from autograder.course.sprint import CONFIGURED, data_folder
from autograder.errors import BadInput
from autograder.notebook.files import write_whole
from autograder.temporary import temporary_folder

BEGIN = "# autograder adopt: begin ('autograder adopt --undo' removes these lines)"
END = "# autograder adopt: end"
BLOCK = f"""{BEGIN}
from pathlib import Path as _Path

try:
    from {CONFIGURED} import configure as _configure
except ImportError:  # nbgrader would only log that, and execute students' notebooks outside the sandbox
    raise SystemExit(f"{{__file__}}: this environment lacks the autograder, install it here") from None

_configure(get_config(), _Path(__file__).resolve().parent, adopted=True)
{END}
"""
_PLACES = (
    "course_id", "root", "db_url", "directory_structure",
    *(f"{step}_directory" for step in ("source", "release", "submitted", "autograded", "feedback", "solution")),
)  # fmt: skip
"""What nbgrader goes by, and must go by afterwards."""


@dataclass(frozen=True)
class Change:
    """A setting of the course: where it is, what it says, and what the platform makes of it; None if it stays."""

    name: str
    said: str
    becomes: str | None


@dataclass(frozen=True)
class Course:
    """An nbgrader course, as it is found.

    Attributes
    ----------
    root
        its folder
    adopted
        whether its configuration already is the platform's
    assignments
        what is in its source folder, and in its release folder only
    settings
        what the course has set of what the platform sets
    folders
        what nbgrader goes by: folders, course id and gradebook
    """

    root: Path
    adopted: bool
    assignments: tuple[Assignment, ...]
    settings: tuple[Change, ...]
    folders: dict[str, str]

    @property
    def config(self) -> Path:
        """Its configuration, which need not exist."""
        return self.root / CONFIG


def look_at(root: Path) -> Course:
    """What is found in an nbgrader course; nothing is changed.

    Raises
    ------
    BadInput
        when the folder is no nbgrader course, or its configuration cannot be read or used.
    """
    config = root / CONFIG
    if not config.is_file() and not (root / "source").is_dir():
        raise BadInput(
            f"{root} is no nbgrader course, it has neither {CONFIG} nor source/: go to the course's folder, or let"
            " 'autograder new-course FOLDER' make one"
        )
    app = nbgrader_in(root)
    adopted = CONFIGURED in _text(config)
    return Course(
        root=root,
        adopted=adopted,
        assignments=tuple(assignments(app.coursedir)),
        settings=() if adopted else tuple(_changes(app.config, root)),
        folders=_folders(app),
    )


def adopt(course: Course) -> None:
    """Write the lines into the course's configuration; it is as before if they do not work.

    Raises
    ------
    BadInput
        when the configuration cannot be written, or another file of nbgrader's configuration undoes it.
    """
    before = course.config.read_bytes() if course.config.exists() else None
    text = _text(course.config)
    try:
        write_whole(course.config, f"{text.rstrip()}\n\n{BLOCK}" if text.strip() else BLOCK)
        _require_in_force(course)
        ignored = data_folder(course.root) / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n", encoding="utf-8")
    except OSError as error:
        _put_back(course.config, before)
        raise BadInput(f"{course.config} cannot be written ({error.strerror}): nothing was changed") from None
    except BadInput as error:
        _put_back(course.config, before)
        raise BadInput(f"{error}; nothing was changed") from None


def undo(root: Path) -> Path:
    """Remove the lines again; return the configuration's path. What has been graded stays.

    Raises
    ------
    BadInput
        when the configuration does not have them, or cannot be written.
    """
    config = root / CONFIG
    before, begin, rest = _text(config).partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BadInput(f"{config} has no lines of 'autograder adopt': there is nothing to undo")
    text = f"{before.rstrip()}\n{after.lstrip()}"
    try:
        if text.strip():
            write_whole(config, text)
        else:
            config.unlink()
    except OSError as error:
        raise BadInput(f"{config} cannot be written ({error.strerror}): nothing was changed") from None
    return config


def _changes(config: Any, root: Path) -> Iterator[Change]:
    """What the course has set of what the platform sets; what stays, too."""
    ours, plain = copy.deepcopy(config), type(config)()
    with temporary_folder("adopt") as data:  # nothing is left in the course if the instructor says no
        try:
            configure(ours, root, data=data, adopted=True)
        except SystemExit as error:
            raise BadInput(str(error).removeprefix("autograder: ")) from None
        configure(plain, root, data=data, adopted=True)
    for section, settings in sorted(config.items()):
        for name, said in sorted(settings.items()) if isinstance(settings, dict) else ():
            if name in ours[section] and ours[section][name] != said:
                yield Change(f"{section}.{name}", _shown(said), _shown(ours[section][name]))
            elif name in plain.get(section, {}) or name in _PLACES:
                yield Change(f"{section}.{name}", _shown(said), None)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    return getattr(value, "__name__", None) or str(value)


def _folders(app: Any) -> dict[str, str]:
    found = {name: str(getattr(app.coursedir, name)) for name in _PLACES}
    return {**found, "db_url": whole_path(found["db_url"], Path(app.coursedir.root))}


def _require_in_force(course: Course) -> None:
    """Check that nbgrader now goes by the lines, and by the course's own folders."""
    app = nbgrader_in(course.root)
    for half, ours in (("sanitize", "RebuildSubmission"), ("autograde", "GradeNotebook")):
        steps = app.config.Autograde.get(f"{half}_preprocessors") or []
        if ours not in [_shown(step).rpartition(".")[2] for step in steps]:
            raise BadInput(
                f"another file of nbgrader's configuration sets Autograde.{half}_preprocessors after {course.config}:"
                " move that setting into it, above the new lines"
            )
    for name, now in _folders(app).items():
        if now != course.folders[name] and name != "root":
            raise BadInput(f"CourseDirectory.{name} would become {now}, and it is {course.folders[name]}")


def _put_back(config: Path, before: bytes | None) -> None:
    if before is None:
        config.unlink(missing_ok=True)
    else:
        config.write_bytes(before)


def _text(config: Path) -> str:
    return config.read_text(encoding="utf-8") if config.exists() else ""
