"""A graded class to report on, with a chaff that one of its students fails as."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.classes import copy
from tests.support.commands import command_in
from tests.support.courses import SLUG
from tests.support.types import Command

CHAFF = """Nothing is not doubled: it becomes one.

Caught by:
    test_double.py::test_of_nothing

# %% solve_double
-    return x + x
+    return x + x or 1
"""


@pytest.fixture
def course(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the graded course in which the command works: ada and noisy are right, wrong is not, missing is empty.

    In all of them one cell waits for a GPU and one is broken.
    """
    root = copy(graded, tmp_path / "course")
    for name in ("COURSE_DATA", "COURSE_LANGUAGE", "NBGRADER_DB_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AUTOGRADER_ROOT", str(root))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    chaffs = root / "reference" / SLUG / "chaffs"
    chaffs.mkdir(parents=True)
    (chaffs / "nothing_is_one.diff").write_text(CHAFF)
    return root


@pytest.fixture
def autograder(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command in this process: exit code, stdout, stderr."""
    return command_in(monkeypatch, capsys)
