"""The course's configuration as plain data, for commands that read a class and grade nothing.

nbgrader takes more than a second to import and to read its configuration. The settings are kept in a file beside the
class, with the state of everything that they depend on, so that only the first command waits for it: as a rule
`autograder autograde`, which ends with a report.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.sprint import data_folder, graders_folder, release_folder
from autograder.errors import BadInput
from autograder.notebook.files import write_whole

if TYPE_CHECKING:
    from nbgrader.apps.baseapp import NbGrader

CONFIG = "nbgrader_config.py"
KEPT = "settings.json"
FOLDER = "report"
"""The folder, in that of the class, with the report's pages and with what is kept between two reports."""
_SAY_WHERE = ("CourseDirectory.root", "release_directory", "HiddenGraders", "load_subconfig")
_STEPS = ("submitted", "feedback", "results")
_ENVIRONMENT = ("COURSE_", "NBGRADER_", "AUTOGRADER_", "JUPYTER_CONFIG")


@dataclass(frozen=True)
class CourseSettings:
    """What a report needs to know of a course.

    Attributes
    ----------
    root, data
        the course's folder, and that of the class
    db_url
        the address of the gradebook
    graders
        the folder with a folder of hidden tests for each sprint
    release
        the folder of the released notebooks
    language
        the language of the students' notebooks
    steps
        for each of nbgrader's steps the path of a submission, with ``{student_id}`` and ``{assignment_id}``
    """

    root: str
    data: str
    db_url: str
    graders: str
    release: str
    language: str
    steps: dict[str, str]

    def path(self, step: str, student: str, sprint: str) -> Path:
        """The folder of a submission in one of the steps."""
        return Path(self.steps[step].format(student_id=student, assignment_id=sprint))

    @property
    def report_folder(self) -> Path:
        """The folder with the report's pages."""
        return Path(self.data) / FOLDER


def course_settings(root: Path) -> CourseSettings:
    """The settings of the course in a folder: those that were kept, if nothing has changed, or else nbgrader's.

    Raises
    ------
    BadInput
        when the folder is no course, or its configuration cannot be read.
    """
    if not (root / CONFIG).is_file():
        raise BadInput(f"{root} is no course: go to a folder with nbgrader_config.py, or set AUTOGRADER_ROOT")
    kept = data_folder(root) / FOLDER / KEPT
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        said = json.loads(kept.read_text(encoding="utf-8"))
        if said["from"] == _state(root, said["from"]["files"]):
            return CourseSettings(**said["settings"])
    app = nbgrader_in(root)
    settings = _settings_of(app, root)
    if not settings.db_url.startswith("sqlite"):
        return settings  # the address of a server may have a password in it
    with contextlib.suppress(OSError):  # a folder that cannot be written costs time, no more
        kept.parent.mkdir(parents=True, exist_ok=True)
        state = _state(root, [str(path) for path in app.loaded_config_files])
        write_whole(kept, json.dumps({"from": state, "settings": asdict(settings)}))
    return settings


def folders_in(root: Path) -> tuple[Path, Path]:
    """The folders of hidden tests and of released notebooks that the course's configuration says, or the usual ones.

    nbgrader is asked only if the configuration speaks of them: it takes more than a second.

    Raises
    ------
    BadInput
        when the configuration cannot be read.
    """
    config = root / CONFIG
    text = config.read_text(encoding="utf-8", errors="replace") if config.is_file() else ""
    if not any(name in text for name in _SAY_WHERE):
        return graders_folder(root), release_folder(root)
    settings = course_settings(root)
    return Path(settings.graders), Path(settings.release)


def _state(root: Path, files: list[str] | dict[str, object]) -> dict[str, object]:
    """What the settings depend on: the configuration files, the environment variables, this file."""
    named = {*files, str(root / CONFIG), __file__}
    environment = [f"{name}={text}" for name, text in sorted(os.environ.items()) if name.startswith(_ENVIRONMENT)]
    digest = hashlib.sha256("\0".join(environment).encode(errors="surrogateescape")).hexdigest()
    return {"files": {path: _stamp(path) for path in sorted(named)}, "environment": digest}


def _stamp(path: str) -> list[int]:
    with contextlib.suppress(OSError):
        found = os.stat(path)
        return [found.st_mtime_ns, found.st_size]
    return []


def nbgrader_in(root: Path, app: NbGrader | None = None) -> NbGrader:
    """nbgrader, or one of its commands, with the configuration of the course in a folder.

    Raises
    ------
    BadInput
        when the configuration cannot be read.
    """
    from nbgrader.apps.baseapp import NbGrader

    app = app or NbGrader(log_level=logging.ERROR)  # it warns about its own search for configurations
    app.raise_config_file_errors = True  # otherwise nbgrader goes on without the file
    try:
        with contextlib.chdir(root):
            app.initialize([], root=str(root))
    except SystemExit as error:
        raise BadInput(str(error).removeprefix("autograder: ")) from None
    except Exception as error:  # the file is a program
        said = f"{type(error).__name__}: {error}"
        raise BadInput(f"{root / CONFIG} cannot be read ({said}): see that nbgrader works") from None
    return app


def _settings_of(app: NbGrader, root: Path) -> CourseSettings:
    from autograder.bridge.hidden import RESULTS, HiddenGraders
    from autograder.bridge.language import KeepLanguage

    hidden, place = HiddenGraders.of(app), app.coursedir
    folders = {
        "submitted": place.submitted_directory,
        "feedback": place.feedback_directory,
        "results": str(hidden.data / RESULTS),
    }
    return CourseSettings(
        root=str(root),
        data=str(hidden.data),
        db_url=str(place.db_url),
        graders=str(hidden.directory),
        release=os.path.join(place.root, place.release_directory),
        language=str(KeepLanguage(parent=app).language),
        steps={step: _pattern(place, Path(place.root), folders[step]) for step in _STEPS},
    )


def _pattern(coursedir: object, root: Path, step: str) -> str:
    """The path of a submission's folder, in which a student and an assignment can be put."""
    there = os.path.join(str(root), step).replace("{", "{{").replace("}", "}}")
    structure = os.path.join("{nbgrader_step}", "{student_id}", "{assignment_id}")
    return str(getattr(coursedir, "directory_structure", structure)).replace("{nbgrader_step}", there)
