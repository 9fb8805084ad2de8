"""`make test`: what fails beside many others is run again alone, and only what fails there too fails the run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

FLAKY = """
def test_flaky(worker_id):
    assert worker_id == "master", "beside others"
"""
"""Passes in one process (pytest-xdist then calls its worker "master") and fails in one of several."""
WRONG = """
def test_wrong():
    assert False, "always"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile, one test that passes, and an environment that is ready and has nothing to lint."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).touch()
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\naddopts = -p no:autograder\n")
    tools = tmp_path / ".venv" / "bin"
    tools.mkdir(parents=True)
    for tool in ("ruff", "mypy", "lint-imports"):
        (tools / tool).symlink_to(shutil.which("true") or "")
    (tools / "pytest").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pytest "$@"\n')
    (tools / "pytest").chmod(0o755)
    (tmp_path / ".venv" / ".complete").touch()
    (tmp_path / "test_right.py").write_text("def test_right():\n    pass\n")
    return tmp_path


def make_test(checkout: Path) -> tuple[int, str]:
    done = subprocess.run(
        ["make", "--no-print-directory", "test", "PARALLEL=--numprocesses=2"],
        cwd=checkout, text=True, stdout=-1, stderr=-2, check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))},
    )  # fmt: skip
    return done.returncode, done.stdout


def test_what_fails_only_beside_others_is_shown_and_passes(checkout: Path) -> None:
    (checkout / "test_flaky.py").write_text(FLAKY)
    code, printed = make_test(checkout)
    assert code == 0, printed
    assert "1 failed, 1 passed" in printed
    assert printed.count("test session starts") == 2
    assert "1 passed" in printed.splitlines()[-1]


def test_what_fails_alone_too_fails(checkout: Path) -> None:
    (checkout / "test_flaky.py").write_text(FLAKY)
    (checkout / "test_wrong.py").write_text(WRONG)
    assert make_test(checkout)[0] == 2


@pytest.mark.slow
@pytest.mark.parametrize("source", ["import nothing_of_this_name", "def test_(:"])
def test_a_file_that_cannot_be_collected_fails(checkout: Path, source: str) -> None:
    (checkout / "test_broken.py").write_text(source)
    assert make_test(checkout)[0] == 2


@pytest.mark.slow
def test_what_passes_is_run_once(checkout: Path) -> None:
    code, printed = make_test(checkout)
    assert code == 0, printed
    assert printed.count("test session starts") == 1
