"""A class of the throw-away course, collected and graded by the command, and what became of it.

Fixtures: a test module imports those it asks for, `_environment` among them.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.bridge.config import commands_on_path
from tests.bridge.test_end_to_end import ANSWERS, NOTEBOOK, answer
from tests.support.courses import SLUG, TIME, command, make_course, python

MAIN = "from autograder.cli import main; main()"
FAULTY = 3
"""Exit code in a class of which every submission meets the sprint's faulty test."""
NOISE = "import sys\nprint('noise', file=sys.stderr)\nopen('written.txt', 'w').write('kept')\n"


def hand_in(root: Path, student: str, **answers: str) -> Path:
    """Put a submission where `nbgrader collect` puts it."""
    nb = nbformat.read(root / "assignments" / SLUG / NOTEBOOK, as_version=4)
    folder = root / "course" / "submitted" / student / SLUG
    folder.mkdir(parents=True)
    nbformat.write(answer(nb, **answers), folder / NOTEBOOK)
    (folder / "timestamp.txt").write_text(TIME)
    return folder


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.environ["PATH"])
        patch.setenv("AUTOGRADER_SEED", "the same in every run")
        commands_on_path()
        yield


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with collected submissions, of which none has been graded."""
    root = tmp_path_factory.mktemp("collected")
    make_course(root)
    command(root, "generate_assignment", SLUG)
    hand_in(root, "ada", **ANSWERS)
    hand_in(root, "noisy", **{name: NOISE + source for name, source in ANSWERS.items()})
    hand_in(root, "wrong", solve_double="def double(x): return 2 * x or 1")
    (root / "course" / "submitted" / "missing" / SLUG).mkdir(parents=True)
    return root


@pytest.fixture(scope="module")
def serial(collected: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What nbgrader makes of them, one at a time."""
    root = copy(collected, tmp_path_factory.mktemp("serial"))
    command(root, "autograde", SLUG)
    return outcome(root)


@pytest.fixture
def course(collected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the course, in which the command works when it is called in this process."""
    root = copy(collected, tmp_path)
    monkeypatch.setenv("AUTOGRADER_ROOT", str(root))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    return root


@pytest.fixture(scope="module")
def graded(collected: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course after the command."""
    root = copy(collected, tmp_path_factory.mktemp("graded"))
    said = autograde(root, "--workers", "2")
    assert said == "0 graded, 0 pending, 4 broken, 0 failed; 0 of them by an earlier run"
    return root


def copy(course: Path, target: Path) -> Path:
    shutil.copytree(course, target, dirs_exist_ok=True)
    return target


def autograde(root: Path, *arguments: str, status: int = FAULTY) -> str:
    """The command as a user runs it; the last line of what it says."""
    return python(root, "-c", MAIN, "autograde", SLUG, *arguments, status=status).strip().splitlines()[-1]


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
