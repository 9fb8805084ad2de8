"""An unreadable submission is replaced by the released notebook, which is graded 0 and states the reason.

Stock nbgrader skips a folder without a notebook, with a warning and no grade, and fails on a notebook it cannot read.
Nothing a student handed in is lost: an unreadable file is kept next to the new one under another name.
"""

from __future__ import annotations

import functools
import glob
import logging
import os
from fnmatch import fnmatch
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_markdown_cell
from nbgrader.converters import Autograde
from nbgrader.utils import parse_utc

from autograder.bridge.execute import require_kernels
from autograder.bridge.hidden import HiddenGraders
from autograder.course.sprint import Sprint
from autograder.errors import BadInput
from autograder.notebook.cells import grade_id
from autograder.notebook.files import KEPT
from autograder.notebook.read import check_submission, read_notebook, read_release

NOTICE = "**Your notebook could not be graded, and this is the empty one in its place:** {reason}."


def install() -> None:
    """Make `nbgrader autograde` check for the sandbox and repair submissions before it lists them.

    nbgrader lists notebooks in a converter method that no setting can replace, and skips folders without a notebook.
    So that method is wrapped, once. For assignments without hidden graders it works as before.
    """
    stock = Autograde.init_notebooks
    if getattr(stock, "repairs", False):
        return

    @functools.wraps(stock)
    def init_notebooks(self: Any) -> None:
        require_kernels(self)
        repair_all(self)
        stock(self)

    init_notebooks.repairs = True  # type: ignore[attr-defined]
    Autograde.init_notebooks = init_notebooks


def repair_all(converter: Any) -> None:
    """Repair every submission that the converter is asked to grade."""
    coursedir = converter.coursedir
    hidden = HiddenGraders(parent=converter)
    sprint = hidden.sprint(coursedir.assignment_id)
    if sprint is None or not fnmatch(sprint.slug, coursedir.notebook_id):
        return
    pattern = hidden.folder(coursedir.submitted_directory, coursedir.student_id, sprint.slug)
    for folder in sorted(glob.glob(str(pattern))):
        if os.path.isdir(folder):
            repair(Path(folder), sprint, converter.log)


def repair(folder: Path, sprint: Sprint, log: logging.Logger, reason: str | None = None) -> None:
    """Replace a notebook that cannot be graded by the released notebook, with the reason in it.

    If `reason` is given, it explains why the notebook is missing.
    """
    path = folder / f"{sprint.slug}.ipynb"
    try:
        _set_aside_bad_timestamp(folder / "timestamp.txt", log)
        why = why_unreadable(path, sprint, reason)
        if why is None:
            return
        kept = _set_aside(path) if os.path.lexists(path) else None
        nb = read_release(sprint.release)
        nb.cells.insert(0, new_markdown_cell(NOTICE.format(reason=escape(why)), id="notice"))
        nbformat.write(nb, path)
    except (OSError, BadInput) as error:  # BadInput: there is no released notebook
        log.error("%s cannot be put right: %s", folder, error)
        return
    log.warning("%s: %s; it is graded 0%s", path, why, f", the file is kept as {kept.name}" if kept else "")


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


def _set_aside(path: Path) -> Path:
    """Rename a file to an unused name that nbgrader ignores."""
    count, kept = 1, path.with_name(path.name + KEPT)
    while os.path.lexists(kept):
        count += 1
        kept = path.with_name(f"{path.name}.{count}{KEPT}")
    return path.rename(kept)


def _set_aside_bad_timestamp(path: Path, log: logging.Logger) -> None:
    """Rename a timestamp file that nbgrader would fail on; without a timestamp the submission counts as on time."""
    try:
        text = path.read_text(encoding="utf-8").strip()
        if text:
            parse_utc(text)
    except FileNotFoundError:
        return
    except (ValueError, OverflowError):
        log.warning("%s: not a time; it is kept as %s", path, _set_aside(path).name)
