"""A class of the throw-away course: collected, and graded by nbgrader and by the command."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from autograder.bridge.config import commands_on_path
from tests.support.classes import autograde, copy, hand_in, outcome
from tests.support.courses import ANSWERS, SLUG, command, make_course
from tests.support.once import once

NOISE = "import sys\nprint('noise', file=sys.stderr)\nopen('written.txt', 'w').write('kept')\n"


@contextmanager
def graded_with() -> Iterator[None]:
    """The environment variables that a class is graded with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.environ["PATH"])
        patch.setenv("AUTOGRADER_SEED", "the same in every run")
        commands_on_path()
        yield


@pytest.fixture(scope="module")
def class_environment() -> Iterator[None]:
    """The same, for the commands of a file of tests."""
    with graded_with():
        yield


def collect(root: Path) -> None:
    """Make a course in which three students have handed in something, and a fourth one an empty folder."""
    make_course(root)
    command(root, "generate_assignment", SLUG)
    hand_in(root, "ada", **ANSWERS)
    hand_in(root, "noisy", **{name: NOISE + source for name, source in ANSWERS.items()})
    hand_in(root, "wrong", solve_double="def double(x): return 2 * x or 1")
    (root / "course" / "submitted" / "missing" / SLUG).mkdir(parents=True)


def grade_in_parallel(root: Path) -> None:
    """Grade that class by the command."""
    said = autograde(root, "--workers", "2")
    assert said == "0 graded, 0 pending, 4 broken, 0 failed; 0 of them by an earlier run"


@pytest.fixture(scope="session")
def collected_class(request: pytest.FixtureRequest) -> Path:
    with graded_with():
        return once(request, "collected-class", collect)


@pytest.fixture(scope="session")
def serial(request: pytest.FixtureRequest, collected_class: Path) -> dict[str, Any]:
    """What nbgrader makes of the class, one at a time."""
    with graded_with():
        made = once(request, "serial-class", lambda root: command(copy(collected_class, root), "autograde", SLUG))
    return outcome(made)


@pytest.fixture(scope="session")
def graded_class(request: pytest.FixtureRequest, collected_class: Path) -> Path:
    with graded_with():
        return once(request, "graded-class", lambda root: grade_in_parallel(copy(collected_class, root)))


@pytest.fixture
def collected(class_environment: None, collected_class: Path) -> Path:
    """A course with collected submissions, of which none has been graded. It is not to be changed, but copied."""
    return collected_class


@pytest.fixture
def graded(class_environment: None, graded_class: Path) -> Path:
    """The course after the command. It is not to be changed, but copied."""
    return graded_class


@pytest.fixture
def course(collected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the course, in which the command works when it is called in this process."""
    root = copy(collected, tmp_path)
    monkeypatch.setenv("AUTOGRADER_ROOT", str(root))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    return root
