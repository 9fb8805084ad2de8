"""`autograder adopt`: lets an nbgrader course that exists be graded by the platform, and takes that back.

A few lines are written at the end of the course's nbgrader_config.py. No notebook, grade or folder of the course
changes; the platform's own files lie in a folder that git ignores.
"""

from __future__ import annotations

import contextlib
import copy
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.bridge.adopt_lines import with_lines, without_lines
from autograder.bridge.config import configure, set_aside, whole_path
from autograder.bridge.course_settings import CONFIG, FOLDER, nbgrader_in
from autograder.bridge.survey import Assignment, assignments
from autograder.course.sprint import data_folder, own_graders_folder
from autograder.errors import BadInput
from autograder.notebook.files import write_whole
from autograder.temporary import temporary_folder

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
        whether the platform's settings are in force already
    assignments
        what is in its source folder, and in its release folder only
    settings
        what the course has set of what the platform sets
    folders
        what nbgrader goes by: folders, course id and gradebook
    graders
        the folder of hidden pytest graders, which need not exist
    """

    root: Path
    adopted: bool
    assignments: tuple[Assignment, ...]
    settings: tuple[Change, ...]
    folders: dict[str, str]
    graders: Path

    @property
    def config(self) -> Path:
        """Its configuration, which need not exist; where a link leads, if it is one."""
        return (self.root / CONFIG).resolve()


def look_at(root: Path) -> Course:
    """What is found in an nbgrader course; nothing is changed.

    Raises
    ------
    BadInput
        when the folder is no nbgrader course, or its configuration cannot be read or used.
    """
    named = (root / CONFIG, (root / CONFIG).with_suffix(".json"))
    if not any(config.is_file() for config in named) and not (root / "source").is_dir():
        raise BadInput(
            f"{root} is no nbgrader course, it has neither {CONFIG} nor source/: go to the course's folder, or let"
            " 'autograder new-course FOLDER' make one"
        )
    app = nbgrader_in(root)
    adopted = set_aside(app.config) is None
    directory = app.config.HiddenGraders.get("directory")
    return Course(
        root=root,
        adopted=adopted,
        assignments=tuple(assignments(app.coursedir)),
        settings=() if adopted else tuple(_changes(app.config, root)),
        folders=_folders(app, root),
        graders=Path(directory) if directory else own_graders_folder(Path(app.coursedir.root)),
    )


def adopt(course: Course) -> None:
    """Write the lines into the course's configuration; it is as before if they do not work.

    Raises
    ------
    BadInput
        when the configuration cannot be written, or another file of nbgrader's configuration undoes it.
    """
    data = data_folder(course.root)
    _require_room(data)
    new = not data.exists()
    before = course.config.read_bytes() if course.config.exists() else None
    try:
        write_whole(course.config, with_lines(before or b"", course.config))
        _require_in_force(course)
        ignored = data / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n", encoding="utf-8")
    except (OSError, BadInput) as error:
        with contextlib.suppress(OSError):  # what could not be written is as it was
            _put_back(course.config, before)
        if new:
            shutil.rmtree(data, ignore_errors=True)
        said = f"{course.config} cannot be written ({error.strerror})" if isinstance(error, OSError) else str(error)
        raise BadInput(f"{said}; nothing was changed") from None


def undo(root: Path) -> Path:
    """Remove the lines again; return the configuration's path. What has been graded stays.

    Raises
    ------
    BadInput
        when the configuration does not have them, or cannot be written.
    """
    config = (root / CONFIG).resolve()
    if not config.is_file():
        raise BadInput(f"{root} has no {CONFIG}: go to the course's folder")
    before = config.read_bytes()
    text = without_lines(before, config)
    if text == before:
        raise BadInput(f"{config} has no lines of 'autograder adopt': there is nothing to undo")
    try:
        if text.strip():
            write_whole(config, text)
        else:
            config.unlink()
    except OSError as error:
        raise BadInput(f"{config} cannot be written ({error.strerror}): nothing was changed") from None
    return config


def _require_room(data: Path) -> None:
    """Check that the platform's folder is free: git would ignore what else lies in it.

    Raises
    ------
    BadInput
        when it is something else.
    """
    ignored = data / ".gitignore"
    ours = ignored.is_file() and b"*" in ignored.read_bytes().split()
    ours = ours or (data / "seed").is_file()
    if os.path.lexists(data) and not (data.is_dir() and (ours or all(path.name == FOLDER for path in data.iterdir()))):
        raise BadInput(
            f"{data} is there already, and the platform keeps results there, which git ignores: rename it, or name"
            " another folder in COURSE_DATA wherever nbgrader runs; nothing was changed"
        )


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
    return getattr(value, "__name__", None) or re.sub(r"(://[^:/@]*):[^@]+@", r"\1:***@", str(value))  # a password


def _folders(app: Any, root: Path) -> dict[str, str]:
    found = {name: str(getattr(app.coursedir, name)) for name in _PLACES}
    return {**found, "db_url": whole_path(found["db_url"], root)}


def _require_in_force(course: Course) -> None:
    """Check that nbgrader now goes by the lines, and by the course's own folders."""
    app = nbgrader_in(course.root)
    undone = set_aside(app.config)
    if undone is not None:
        raise BadInput(
            f"another file of nbgrader's configuration sets {undone} after {course.config}:"
            " move that setting into it, above the new lines"
        )
    for name, now in _folders(app, course.root).items():
        if now != course.folders[name] and name != "root":
            raise BadInput(f"CourseDirectory.{name} would become {now}, and it is {course.folders[name]}")


def _put_back(config: Path, before: bytes | None) -> None:
    if before is None:
        config.unlink(missing_ok=True)
    elif config.read_bytes() != before:
        write_whole(config, before)
