"""Is a student's push checked as docs/ci.md says, on both hosts, and can they read what is wrong?"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.variants import fill, reference
from tests.support import builders
from tests.support.environments_made import MODULE, NAME, put_together, write_wheel
from tests.support.paths import ROOT
from tests.support.workflows import (
    PIPELINES,
    SLUG,
    STUDENT,
    WORKFLOWS,
    environment,
    git_,
    github_steps,
    gitlab_script,
    run,
)


@pytest.fixture
def student(course: Path, tmp_path: Path) -> Path:
    """A student's repository, made from the template, before any work."""
    place = tmp_path / "student"
    shutil.copytree(STUDENT, place)
    shutil.copytree(ROOT / "assignments" / SLUG, place / SLUG)
    git_("init", "--quiet", cwd=place)
    git_("add", "--all", cwd=place)
    git_("commit", "--quiet", "--message", "template", cwd=place)
    environment(place, python="-P", pip="-c 'import sys'")
    return place


def push(place: Path, notebook: nbformat.NotebookNode) -> str:
    """Commit a notebook; the commit before."""
    before = git_("rev-parse", "HEAD", cwd=place).strip()
    nbformat.write(notebook, place / SLUG / f"{SLUG}.ipynb")
    git_("add", SLUG, cwd=place)
    git_("commit", "--quiet", "--message", "work", cwd=place)
    return before


def check(place: Path, home: Path, before: str, host: str) -> tuple[int, str]:
    """The job of a push; its status and the summary."""
    if host == "github":
        steps = github_steps(WORKFLOWS[-1], "check", {"github.event.before": before})
        assert [name for name, _, _ in steps] == ["Install", "Check"]
        done = run(steps[1:], place, home)
        return done[-1].returncode, (home / "summary.md").read_text()
    done = run(gitlab_script(PIPELINES[1], "check"), place, home, CI_COMMIT_BEFORE_SHA=before)
    return done[-1].returncode, (place / "summary.md").read_text()


@pytest.mark.parametrize("host", ["github", pytest.param("gitlab", marks=pytest.mark.slow)])
def test_a_right_push(student: Path, home: Path, host: str) -> None:
    """Do all public checks pass, in half a minute?"""
    released = nbformat.read(student / SLUG / f"{SLUG}.ipynb", as_version=4)
    before = push(student, fill(released, reference(SLUG, ROOT)))
    start = time.process_time() + os.times().children_user + os.times().children_system
    status, summary = check(student, home, before, host)
    took = time.process_time() + os.times().children_user + os.times().children_system - start
    assert status == 0
    assert summary.count("✅") == 10
    assert took < 30


def test_a_wrong_push(student: Path, home: Path) -> None:
    """Does the student read which tasks fail and why, and does the job fail?"""
    released = nbformat.read(student / SLUG / f"{SLUG}.ipynb", as_version=4)
    released.cells.append(nbformat.v4.new_code_cell("1 + 1", id="mine"))
    before = push(student, released)
    (done,) = run(
        github_steps(WORKFLOWS[-1], "check", {"github.event.before": before})[1:], student, home, GITHUB_ACTIONS="true"
    )
    log, summary = done.stdout, (home / "summary.md").read_text()
    assert done.returncode == 1
    assert "| tensor | ❌ `` NotImplementedError:" in summary
    marked = re.findall(rf"^::error file={SLUG}/{SLUG}\.ipynb,line=(\d+),title=tensor::", log, re.MULTILINE)
    assert '"grade_id": "tensor"' in (student / SLUG / f"{SLUG}.ipynb").read_text().splitlines()[int(marked[0]) - 1]
    assert "Points come from other tests" in summary


def test_a_push_that_changes_no_notebook(student: Path, home: Path) -> None:
    assert check(student, home, "HEAD", "github") == (0, "No notebook has changed.\n")


def test_a_push_that_nobody_can_read(student: Path, home: Path) -> None:
    (student / SLUG / f"{SLUG}.ipynb").write_text("<<<<<<< HEAD")
    status, summary = check(student, home, "0" * 40, "github")
    assert status == 1
    assert "cannot be read" in summary


def test_a_notebook_with_packages_of_its_own_is_checked_with_them(
    student: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where its requirements lie beside it; they have been installed before."""
    made = put_together(tmp_path / "made", monkeypatch)
    (student / ".venv-other").symlink_to(made.folder)
    (made.folder / "requirements.txt").write_text("as they are\n")
    nb = builders.notebook(builders.graded("first", 1, f"import {MODULE}\nassert {MODULE}.VALUE == 7"))
    nb.metadata.kernelspec["name"] = NAME
    (student / "other").mkdir()
    nbformat.write(nb, student / "other" / "other.ipynb")
    (student / "other" / "requirements.txt").write_text("as they are\n")
    status, summary = check(student, home, "", "github")
    assert "## other: public checks\n\n| task | public check |\n|---|---|\n| first | ✅ passes |" in summary
    assert status == 1, "the sprint's own notebook is unsolved"


def test_packages_of_a_notebooks_own_are_installed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("check", STUDENT / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(tmp_path)
    path, nb = tmp_path / "other" / "other.ipynb", builders.notebook()
    path.parent.mkdir()
    assert module.python_of(path, nb) == sys.executable
    path.with_name("requirements.txt").write_text(f"{write_wheel(tmp_path)}\n")
    assert module.python_of(path, nb) == sys.executable, "python3 is what the course has"
    nb.metadata.kernelspec["name"] = NAME
    python = module.python_of(path, nb)
    said = subprocess.run([python, "-c", f"import {MODULE}; print({MODULE}.VALUE)"], capture_output=True, check=True)
    assert said.stdout == b"7\n"
    monkeypatch.setattr(module.subprocess, "run", None)
    assert module.python_of(path, nb) == python
