"""Exported artifacts as weapons: what is evaluated in the clean room is written by students.

Each attack says what it must not achieve. The clean room is a jail too, so the worst that is let through here is a look
at a machine with nothing on it; the operations are refused all the same, since a course may run without the sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.jail.warm import WarmJail
from tests.support.artifact_fixtures import clean, one_room, one_student, student
from tests.support.artifacts import MEMORY, framework_jail

__all__ = ["clean", "jail", "one_room", "one_student", "student"]


@pytest.fixture(scope="session")
def jail() -> Iterator[WarmJail]:
    """One for all files of this folder, which run in one process: see :mod:`tests.support.costs`."""
    with framework_jail(MEMORY) as made:
        yield made
