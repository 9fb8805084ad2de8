"""Do the report and a comment read and write a gradebook in PostgreSQL as one in SQLite?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.bridge.course_settings import KEPT
from tests.support.classes import MAIN, autograde
from tests.support.courses import SLUG, command, python
from tests.support.postgres import server


@pytest.mark.slow
def test_a_class_in_postgresql(course: Path, tmp_path: Path) -> None:
    def report(name: str) -> str:
        path = tmp_path / name
        python(course, "-c", MAIN, "report", SLUG, "--json", str(path))
        document = json.loads(path.read_text())
        for task in document["tasks"]:
            task["seconds"] = 0  # measured
        return json.dumps(document)

    in_sqlite = report("sqlite.json")
    with server(tmp_path / "server") as url:
        (course / "course" / "gradebook.db").unlink()
        with (course / "nbgrader_config.py").open("a") as file:
            file.write(f"c.CourseDirectory.db_url = {url!r}\n")
        command(course, "generate_assignment", SLUG, "--force")
        autograde(course)
        assert report("postgres.json") == in_sqlite
        (course / "course" / "report" / KEPT).unlink(missing_ok=True)
        said = python(course, "-c", MAIN, "comment", SLUG, "--signature", "nothing_is_one", "Look again.")
        assert said.splitlines()[0] == "given to 1: wrong"
        said = python(course, "-c", MAIN, "comment", SLUG, "--signature", "nothing_is_one", "--take-back")
        assert said.splitlines()[0] == "taken from 1: wrong"
        # the address of a server may hold a password, which is kept nowhere
        assert not (course / "course" / "report" / KEPT).exists()
