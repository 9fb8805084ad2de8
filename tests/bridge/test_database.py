"""Is the gradebook's engine kept, and no connection to a file that is gone?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbgrader.api
import pytest
from nbgrader.api import Gradebook
from sqlalchemy import event, text

from autograder.bridge import database
from autograder.bridge.config import commands_on_path
from autograder.bridge.gradebook import OneGradebook


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


@pytest.mark.parametrize("table", database.INDEXED, ids=lambda table: table.__tablename__)
def test_grading_adds_the_indexes_that_nbgrader_lacks(table: Any, tmp_path: Path) -> None:
    """Are rows found by an index afterwards, in a gradebook that nbgrader has made, which goes through all of them?"""
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    question = text(f"EXPLAIN QUERY PLAN SELECT * FROM {table.__tablename__} WHERE {database.INDEXED[table]} = 'x'")

    def plan() -> str:
        with Gradebook(url) as book:
            return str(book.db.execute(question).one()[-1])

    assert plan().startswith("SCAN")
    OneGradebook(url).db.remove()
    assert plan().startswith("SEARCH")
    assert "autograder_" in plan()


def test_indexes_are_added_once(tmp_path: Path) -> None:
    """Does opening it again write nothing?"""
    url, sent = f"sqlite:///{tmp_path / 'gradebook.db'}", []
    book = OneGradebook(url)
    event.listen(book.engine, "before_cursor_execute", lambda *about: sent.append(about[2]))
    OneGradebook(url)
    assert sent
    assert not [statement for statement in sent if statement.startswith("CREATE")]
