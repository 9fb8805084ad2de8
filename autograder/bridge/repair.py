"""An unreadable submission is replaced by the released notebook, which is graded 0 and states the reason.

A notebook that only has another name, or lies in a folder, is taken instead.

Stock nbgrader skips a folder without a notebook, with a warning and no grade, and fails on a notebook it cannot read.
Nothing a student handed in is lost: an unreadable file is kept next to the new one under another name.
"""

from __future__ import annotations

import contextlib
import functools
import glob
import logging
import os
import shutil
from fnmatch import fnmatch
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.converters import Autograde

from autograder.bridge.converters import student_of, without_bad_ids
from autograder.bridge.execute import require_kernels
from autograder.bridge.hidden import HiddenGraders
from autograder.bridge.looks import Looks
from autograder.bridge.platform_files import unusable
from autograder.course.sprint import Sprint
from autograder.errors import BadInput
from autograder.notebook.cells import grade_id
from autograder.notebook.files import KEPT, plain_files
from autograder.notebook.names import shown
from autograder.notebook.read import MAX_BYTES, check_submission, read_notebook, read_release
from autograder.notebook.tidy import FreshIds

NOTICE = "**Your notebook could not be graded, and this is the empty one in its place:** {reason}."
TAKEN = "**This notebook was handed in as `{other}`.** No `{name}` was handed in, so it was graded in its place."


def install() -> None:
    """Make `nbgrader autograde` check for the sandbox and repair submissions before it lists them.

    nbgrader lists notebooks in a converter method that no setting can replace, and skips folders without a notebook.
    So that method is wrapped, once; and the one that converts the class, to end with who needs a look. For assignments
    without hidden graders both work as before.
    """
    list_them, convert = Autograde.init_notebooks, Autograde.convert_notebooks
    if getattr(list_them, "repairs", False):
        return

    @functools.wraps(list_them)
    def init_notebooks(self: Any) -> None:
        require_kernels(self)
        self.looks = repair_all(self)
        list_them(self)
        without_bad_ids(self, self.looks)

    @functools.wraps(convert)
    def convert_notebooks(self: Any) -> None:
        try:
            convert(self)
        finally:
            self.looks.tell(self.log)

    init_notebooks.repairs = True  # type: ignore[attr-defined]
    Autograde.init_notebooks = init_notebooks
    Autograde.convert_notebooks = convert_notebooks


def repair_all(converter: Any) -> Looks:
    """Repair every submission that the converter is asked to grade; who needs a look because of that."""
    coursedir, looks = converter.coursedir, Looks()
    hidden = HiddenGraders.of(converter)
    sprint = hidden.sprint(coursedir.assignment_id)
    if sprint is None or not fnmatch(sprint.slug, coursedir.notebook_id):
        return looks
    pattern = hidden.folder(coursedir.submitted_directory, coursedir.student_id, sprint.slug)
    for folder in sorted(glob.glob(str(pattern))):
        if os.path.isdir(folder):
            student = student_of(folder, coursedir)
            for what in repair(Path(folder), sprint, converter.log):
                looks.add(student, what, "tell the student, or put the file right and grade again")
    return looks


def repair(folder: Path, sprint: Sprint, log: logging.Logger, reason: str | None = None) -> list[str]:
    """Replace a notebook that cannot be graded by the released notebook, with the reason in it.

    A missing notebook is replaced by the only one of this sprint that is there under another name. The platform's own
    files beside it are set aside when they cannot be used. If `reason` is given, it explains why the notebook is
    missing. Returns what the instructor should know, in a few words each.
    """
    path, told = folder / f"{sprint.slug}.ipynb", []
    try:
        for file in unusable(folder):
            told.append(f"{file.name} cannot be used; it is kept as {_set_aside(file).name}")
        why = why_unreadable(path, sprint, reason)
        others = other_notebooks(folder, sprint) if why is not None else []
        if len(others) == 1:
            _take(folder / others[0], path, sprint)
            told.append(f"{why}; {shown(others[0])}, which is this sprint's, is graded in its place")
        elif why is not None:
            why = f"{why}, but {len(others)} others of this sprint were" if others else why
            kept = _set_aside(path) if os.path.lexists(path) else None
            nb = read_release(sprint.release)
            _write_with(NOTICE.format(reason=escape(why, quote=False)), nb, path)
            told.append(f"{why}; it is graded 0{f', the file is kept as {kept.name}' if kept else ''}")
    except (OSError, BadInput) as error:  # BadInput: there is no released notebook
        log.error("%s cannot be put right: %s", folder, error)
        return [*told, f"the submission cannot be put right ({error})"]
    for what in told:
        log.warning("%s: %s", path, what)
    return told


def why_unreadable(path: Path, sprint: Sprint, missing: str | None = None) -> str | None:
    """Why a submitted notebook cannot be graded, without its path; None if it can be.

    A notebook that has lost its grade cells can be graded: the rebuild restores them.
    """
    if not os.path.lexists(path):
        return missing or f"no notebook {path.name} was handed in"
    if path.is_symlink():
        return "what was handed in is a link, not a notebook"
    base = read_release(sprint.release)
    try:
        nb = read_notebook(path)
        ours = {grade_id(cell) for cell in base.cells} - {None}
        if not ours & {grade_id(cell) for cell in nb.cells} and any(grade_id(cell) for cell in nb.cells):
            check_submission(nb, base, path)
    except BadInput as error:
        return str(error).removeprefix(f"{path}: ").partition(";")[0]
    return None


def other_notebooks(folder: Path, sprint: Sprint) -> list[Path]:
    """Notebooks of the sprint that are there in place of a missing one: "sprint (1).ipynb", or in a folder."""
    if os.path.lexists(folder / f"{sprint.slug}.ipynb"):
        return []
    base, found, room = read_release(sprint.release), [], MAX_BYTES
    ours = {grade_id(cell) for cell in base.cells} - {None}
    for path in plain_files(folder)[0]:
        if path.suffix == ".ipynb" and not any(part.startswith(".") for part in path.parts):
            room -= (folder / path).stat().st_size
            if room < 0:
                break
            with contextlib.suppress(BadInput):
                if ours & {grade_id(cell) for cell in read_notebook(folder / path).cells}:
                    found.append(path)
    return found


def _take(other: Path, path: Path, sprint: Sprint) -> None:
    """Copy a notebook that has another name, and say so in it: the student finds it in the feedback."""
    name = shown(other.relative_to(path.parent)).replace("`", "'")
    _write_with(TAKEN.format(other=name, name=path.name), read_notebook(other), path)
    if why_unreadable(path, sprint) is not None:  # a cell more than a notebook may have: the work counts more
        shutil.copyfile(other, path)


def _write_with(notice: str, nb: NotebookNode, path: Path) -> None:
    ids = FreshIds(cell.id for cell in nb.cells if "id" in cell)
    nb.cells.insert(0, new_markdown_cell(notice, id=ids.take("notice")))
    nbformat.write(nb, path)


def _set_aside(path: Path) -> Path:
    """Rename a file to an unused name that nbgrader ignores."""
    count, kept = 1, path.with_name(path.name + KEPT)
    while os.path.lexists(kept):
        count += 1
        kept = path.with_name(f"{path.name}.{count}{KEPT}")
    return path.rename(kept)
