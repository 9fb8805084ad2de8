"""The fixtures of both folders that test the clean room; each folder's conftest makes the ``jail`` they run in.

A conftest that imports them has them: pytest takes fixtures from the names of the conftest.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.grading.student import Student
from autograder.jail.warm import WarmJail
from tests.support.artifacts import LIMIT, Room, room_in, student_in

__all__ = ["clean", "one_room", "one_student", "student"]


@pytest.fixture(scope="module")
def one_student(jail: WarmJail) -> Iterator[Student]:
    """A student's kernel, shared by the tests of a module."""
    with student_in(jail) as made:
        yield made


@pytest.fixture
def student(one_student: Student) -> Student:
    """It, at the beginning of a test."""
    one_student._session.begin_test(LIMIT, seed=0)
    return one_student


@pytest.fixture(scope="module")
def one_room(jail: WarmJail) -> Iterator[Room]:
    """A clean room, shared by the tests of a module."""
    with room_in(jail) as made:
        yield made


@pytest.fixture
def clean(one_room: Room) -> Room:
    """It, at the beginning of a test."""
    one_room.begin_test(LIMIT, seed=0)
    return one_room
