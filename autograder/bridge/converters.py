"""nbgrader's converters, changed so that what a student wrote does not lie beside what the platform wrote.

nbgrader copies all files of a submission into `autograded/`, and from there into `feedback/`. A folder called like the
notebook, a time that is no text, a file that nobody may write: each would stop the class there, and each page would be
served from the formgrader's own address. So of a submission only the time and the secret go on, once checked; the
notebook is written by the platform. What the student handed in stays in `submitted/`, and what the notebook wrote is
kept with the results.
"""

from __future__ import annotations

import functools
import os
import re
from pathlib import Path
from typing import Any

from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory

from autograder.bridge.hidden import HiddenGraders
from autograder.bridge.looks import Looks
from autograder.bridge.platform_files import copy_platform_files
from autograder.notebook.names import why_no_student


def install() -> None:
    """Change the two steps that copy a student's files; without hidden graders they copy as before, but no links."""
    stock = BaseConverter.init_assignment
    if getattr(stock, "separates", False):
        return

    @functools.wraps(stock)
    def init_assignment(self: Any, assignment_id: str, student_id: str) -> None:
        ours = isinstance(self, Autograde | GenerateFeedback) and HiddenGraders.of(self).sprint(assignment_id)
        if not ours:
            stock(self, assignment_id, student_id)
        source, target = (Path(form(assignment_id, student_id)) for form in (self._format_source, self._format_dest))
        if not ours:
            if isinstance(self, Autograde):
                _without_links(source, target)
            return
        copy_platform_files(source, target)

    init_assignment.separates = True  # type: ignore[attr-defined]
    BaseConverter.init_assignment = init_assignment


def _without_links(source: Path, target: Path) -> None:
    """Remove what nbgrader copied because a link in the source led there: it may be any file of the machine."""
    for folder, _, files in os.walk(source):
        for name in files:
            if Path(folder, name).is_symlink():
                (target / Path(folder, name).relative_to(source)).unlink(missing_ok=True)


def student_of(folder: str, coursedir: CourseDirectory, step: str = "") -> str:
    """The student whose folder of a step this is, by default of `submitted/`; whatever characters the id has."""
    pattern = coursedir.format_path(step or coursedir.submitted_directory, "(?P<student>.*)", "(?:.*)", escape=True)
    found = re.fullmatch(pattern, folder, re.DOTALL)
    return found["student"] if found else folder


def without_bad_ids(converter: Any, looks: Looks) -> None:
    """Leave out the submissions of students whose id cannot be one, before nbgrader converts any."""
    for folder in list(converter.assignments):
        student = student_of(folder, converter.coursedir)
        why = why_no_student(student)
        if why is not None:
            del converter.assignments[folder]
            looks.add(student, why, "rename the folder in submitted/ to grade it")
