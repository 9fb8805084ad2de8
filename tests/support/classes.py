"""A class of the throw-away course, collected and graded by the command, and what became of it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook

from tests.support.courses import NOTEBOOK, SLUG, TIME, answer, command, python

MAIN = "from autograder.cli import main; main()"
FAULTY = 3
"""Exit code in a class of which every submission meets the sprint's faulty test."""


def hand_in(root: Path, student: str, **answers: str) -> Path:
    """Put a submission where `nbgrader collect` puts it."""
    nb = nbformat.read(root / "assignments" / SLUG / NOTEBOOK, as_version=4)
    folder = root / "course" / "submitted" / student / SLUG
    folder.mkdir(parents=True)
    nbformat.write(answer(nb, **answers), folder / NOTEBOOK)
    (folder / "timestamp.txt").write_text(TIME)
    return folder


def copy(course: Path, target: Path) -> Path:
    shutil.copytree(course, target, dirs_exist_ok=True)
    return target


def autograde(root: Path, *arguments: str, status: int = FAULTY) -> str:
    """The command as a user runs it; the last line of what it says."""
    return python(root, "-c", MAIN, "autograde", SLUG, *arguments, status=status).strip().splitlines()[-1]


def graded_by(root: Path, whose: str) -> str:
    """The collected class of a course without faulty tests, graded by "nbgrader" or "autograder"; all that it says."""
    if whose == "nbgrader":
        return command(root, "autograde", SLUG)
    return python(root, "-c", MAIN, "autograde", SLUG, "--workers", "2")


def outcome(root: Path, url: str | None = None) -> dict[str, Any]:
    """The gradebook, wherever it is, the graded notebooks, the files beside them and the results, but for times."""
    found: dict[str, Any] = {}
    with Gradebook(url or f"sqlite:///{root}/course/gradebook.db") as gradebook:
        for submission in gradebook.assignment_submissions(SLUG):
            (book,) = submission.notebooks
            found[f"rows of {submission.student_id}"] = (
                submission.timestamp,
                sorted((g.name, g.auto_score, g.manual_score, g.needs_manual_grade, g.score) for g in book.grades),
                sorted((c.name, c.auto_comment, c.manual_comment) for c in book.comments),
            )
    for step in ("autograded", "results"):
        for path in (root / "course" / step).rglob("*"):
            name = str(path.relative_to(root))
            if path.name == NOTEBOOK:
                found[name] = notebook_without_times(path)
            elif path.name == "results.json":
                found[name] = re.sub(r'"duration_s": [\d.e-]+', "", path.read_text())
            elif path.is_file() and path.name not in ("done.json", "junit.xml"):
                found[name] = path.read_bytes(), path.stat().st_mode
    return found


def notebook_without_times(path: Path) -> Any:
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        cell.metadata.pop("execution", None)
    return nb


def marks(root: Path) -> dict[str, int]:
    """When each done submission was marked as done."""
    return {path.parts[-3]: path.stat().st_mtime_ns for path in (root / "course" / "results").glob("*/*/done.json")}
