"""Does `autograder doctor` look at the gradebook that the course uses, wherever that is?"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from autograder import doctor


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql+psycopg2://teacher:secret@127.0.0.1:9/grades", "start the server, or check the address"),
        ("what", "NBGRADER_DB_URL is no SQLAlchemy URL"),
        ("oracle://grades", "has no driver here"),
    ],
)
def test_a_database_that_cannot_be_used_is_said(url: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, without the password."""
    monkeypatch.setenv("NBGRADER_DB_URL", url)
    found = doctor._database()
    assert not found.ok
    assert said in found.text
    assert "\n" not in found.text
    assert "secret" not in found.text


def test_the_named_gradebook_is_read_and_not_the_usual_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(tmp_path / "elsewhere.db") as book:
        book.execute("CREATE TABLE one (id)")
    monkeypatch.setenv("NBGRADER_DB_URL", f"sqlite:///{tmp_path}/elsewhere.db")
    found = doctor._database()
    assert (found.ok, found.text) == (True, f"{tmp_path}/elsewhere.db, 1 tables")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration of a course, which is not written yet."""
    monkeypatch.setenv("AUTOGRADER_ROOT", str(tmp_path))
    monkeypatch.delenv("NBGRADER_DB_URL", raising=False)
    (tmp_path / "source").mkdir()
    return tmp_path / "nbgrader_config.py"


def test_the_courses_own_gradebook_is_read(config: Path) -> None:
    with sqlite3.connect(config.with_name("grades.db")) as book:
        book.execute("CREATE TABLE one (id)")
    config.write_text(f"c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///{config.with_name('grades.db')}'\n")
    assert doctor._database().text == f"{config.with_name('grades.db')}, 1 tables"


def test_a_configuration_that_cannot_be_read_is_said(config: Path) -> None:
    """nbgrader itself goes on without the file."""
    config.write_text("c = get_config()\nc.CourseDirectory.course_id = kettles\n")
    found = doctor._database()
    assert not found.ok
    assert found.text.startswith(f"{config} cannot be read (NameError: name 'kettles' is not defined)")


def test_a_gradebook_that_is_not_there_yet_or_is_none(config: Path) -> None:
    config.write_text("")
    assert "gradebook.db will be made when it is first needed" in doctor._database().text
    config.with_name("gradebook.db").write_text("this is no database" * 100)
    found = doctor._database()
    assert not found.ok
    assert "cannot be read" in found.text
    if os.getuid():
        config.write_text("c = get_config()\nc.CourseDirectory.db_url = 'sqlite:////proc/none/gradebook.db'\n")
        assert not doctor._database().ok
