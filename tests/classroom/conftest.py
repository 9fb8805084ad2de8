"""A class of the throw-away course: collected, and graded by nbgrader and by the command."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.bridge.config import commands_on_path
from tests.support.classes import autograde, copy, hand_in, outcome
from tests.support.courses import ANSWERS, SLUG, command, make_course

NOISE = "import sys\nprint('noise', file=sys.stderr)\nopen('written.txt', 'w').write('kept')\n"


@pytest.fixture(scope="module")
def class_environment() -> Iterator[None]:
    """The environment variables that a class is graded with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.environ["PATH"])
        patch.setenv("AUTOGRADER_SEED", "the same in every run")
        commands_on_path()
        yield


@pytest.fixture(scope="module")
def collected(class_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
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
