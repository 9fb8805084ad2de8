"""Does a class graded into PostgreSQL have the grades that it has in SQLite?"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from autograder.bridge import patiently
from autograder.classroom.batch import autograde_class
from autograder.errors import BadInput
from tests.support.classes import autograde, marks, outcome
from tests.support.courses import SLUG, command
from tests.support.postgres import free_port, server


def use_database(root: Path, url: str) -> None:
    """Have a course's gradebook there."""
    (root / "course" / "gradebook.db").unlink()
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(f"c.CourseDirectory.db_url = {url!r}\n")


@pytest.mark.slow
def test_a_class_is_graded_into_postgresql_as_into_sqlite(course: Path, serial: dict[str, Any], tmp_path: Path) -> None:
    """Are rows, notebooks and results the same, and is a second run told what the first has done?"""
    with server(tmp_path / "server") as url:
        use_database(course, url)
        command(course, "generate_assignment", SLUG, "--force")
        assert autograde(course).startswith("0 graded, 0 pending, 4 broken, 0 failed; 0 of them")
        assert outcome(course, url) == serial
        assert autograde(course).endswith("; 4 of them by an earlier run")
        shutil.rmtree(course / "course" / "results" / "wrong")
        assert autograde(course).endswith("; 3 of them by an earlier run")
        assert outcome(course, url) == serial
    assert not (course / "course" / "gradebook.db").exists()


def test_a_database_that_cannot_be_reached_is_said_without_its_password(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("psycopg2", reason="the driver is not installed: 'make' installs the extra postgres")
    monkeypatch.setattr(patiently, "DATABASE_S", 0.1)
    use_database(course, f"postgresql+psycopg2://teacher:secret@127.0.0.1:{free_port()}/grades")
    began = time.monotonic()
    with pytest.raises(BadInput, match="the gradebook postgresql.*//teacher:.*cannot be used .*refused") as said:
        autograde_class(SLUG)
    assert "secret" not in str(said.value)
    assert time.monotonic() - began < 10
    assert not marks(course)


def test_a_database_without_a_driver_is_said(course: Path) -> None:
    use_database(course, "nosuchsql://grades")
    with pytest.raises(BadInput, match="the gradebook's database nosuchsql has no driver here"):
        autograde_class(SLUG)
