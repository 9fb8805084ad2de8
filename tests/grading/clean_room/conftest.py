"""A clean room and a student's kernel, from one warm process that has the frameworks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.jail.warm import WarmJail
from tests.support.artifact_fixtures import clean, one_room, one_student, student
from tests.support.artifacts import framework_jail

__all__ = ["clean", "jail", "one_room", "one_student", "student"]


@pytest.fixture(scope="session")
def jail() -> Iterator[WarmJail]:
    """One for all files of this folder, which run in one process: see :mod:`tests.support.costs`."""
    with framework_jail() as made:
        yield made
