"""Is the gradebook's engine kept, and no connection to a file that is gone?"""

from __future__ import annotations

import os
from pathlib import Path

import nbgrader.api
import pytest
from nbgrader.api import Gradebook

from autograder.bridge import database
from autograder.bridge.config import commands_on_path


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nbgrader.api, "create_engine", nbgrader.api.create_engine)
    monkeypatch.setenv("PATH", os.environ["PATH"])
    commands_on_path()
    database.install()


def test_the_engine_of_a_file_is_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(url) as first:
        first.add_assignment("a")
    with Gradebook(url) as second:
        assert second.find_assignment("a").name == "a"
    assert first.engine is second.engine
    assert Gradebook(f"sqlite:///{tmp_path / 'other.db'}").engine is not first.engine


def test_a_file_that_was_replaced_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    with Gradebook(f"sqlite:///{path}") as book:
        book.add_assignment("a")
    path.unlink()
    with Gradebook(f"sqlite:///{path}") as book:
        assert book.assignments == []


@pytest.mark.slow
def test_a_gradebook_in_memory_is_each_ones_own() -> None:
    with Gradebook("sqlite:///:memory:") as one, Gradebook("sqlite:///:memory:") as other:
        one.add_assignment("a")
        assert other.assignments == []
