"""Is nbgrader run as a user runs it: a process of its own, its folder, its settings, its output and its end?"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from autograder.demo.nbgrader_app import nbgrader
from autograder.errors import PlatformFault

SAYS = "import os\nprint('in', os.getcwd(), os.environ.get('COURSE_ROOT'), os.environ.get('DEMO_SEES'), flush=True)\n"
"""A configuration that says where it is read, and what is set there."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nbgrader_config.py").write_text(SAYS)
    return tmp_path


def test_it_runs_in_its_folder_without_another_courses_variables(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_ROOT", "/another/course")
    monkeypatch.setenv("DEMO_SEES", "this")
    said = nbgrader("list", cwd=folder, log=folder / "log", allow_failure=True)
    assert f"in {folder} None this\n" in said
    assert (folder / "log").read_text() == f"$ nbgrader list\n{said}"


def test_a_module_in_the_folder_is_not_nbgraders(folder: Path) -> None:
    for name in ("nbgrader", "traitlets", "alembic", "sqlalchemy"):
        (folder / f"{name}.py").write_text("raise SystemExit('the wrong one')")
    assert "the wrong one" not in nbgrader("--version", cwd=folder, log=folder / "log")


def test_a_failure_names_command_and_log(folder: Path) -> None:
    with pytest.raises(PlatformFault, match=r"'nbgrader generate_assignment' ended with 1: see .*/log"):
        nbgrader("generate_assignment", "there_is_none", cwd=folder, log=folder / "log")
    assert "there_is_none" in (folder / "log").read_text()


def test_two_run_at_once(folder: Path) -> None:
    """Does each have its own folder, output and log?"""
    places = [folder / name for name in ("one", "other")]
    for place in places:
        place.mkdir()
        (place / "nbgrader_config.py").write_text(SAYS)
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda place: nbgrader("list", cwd=place, log=place / "log", allow_failure=True), places))
    for place, text in zip(places, said, strict=True):
        assert {line for line in text.splitlines() if line.startswith("in ")} == {f"in {place} None None"}


def test_what_goes_wrong_here_ends_it(folder: Path) -> None:
    """Is no process left that goes on writing into the course?"""
    (folder / "nbgrader_config.py").write_text(
        "import os, time\nprint('I am', os.getpid(), flush=True)\ntime.sleep(300)\n"
    )
    seen = []

    def give_up(line: str) -> None:
        if line.startswith("I am"):
            seen.append(int(line.split()[-1]))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nbgrader("list", cwd=folder, log=folder / "log", on_line=give_up)
    assert not psutil.pid_exists(seen[0])


def test_a_process_that_has_done_nothing_else_is_where_it_comes_from(folder: Path) -> None:
    """Is it no child of this one, whose modules and threads it would inherit?"""
    (folder / "nbgrader_config.py").write_text("import os\nprint('child of', os.getppid())\n")
    said = nbgrader("list", cwd=folder, log=folder / "log", allow_failure=True)
    (line,) = {line for line in said.splitlines() if line.startswith("child of")}
    assert int(line.split()[-1]) != os.getpid()


def test_it_says_what_the_command_says(folder: Path) -> None:
    """Has it the output of a command that a user starts?"""
    (folder / "nbgrader_config.py").unlink()
    command = [sys.executable, "-P", "-m", "nbgrader", "assign", "--help"]
    usual = subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False)
    assert (
        nbgrader("assign", "--help", cwd=folder, log=folder / "log", allow_failure=True) == usual.stdout + usual.stderr
    )
