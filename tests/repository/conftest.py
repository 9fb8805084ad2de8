"""A checkout of this repository, and a runner's home."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.workflows import checkout


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository's files, committed."""
    return checkout(tmp_path_factory.mktemp("course"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A runner's own folder."""
    path = tmp_path / "home"
    path.mkdir()
    return path
