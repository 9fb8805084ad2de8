"""Exported artifacts as weapons: what is evaluated in the clean room is written by students.

Each attack says what it must not achieve. The clean room is a jail too, so the worst that is let through here is a look
at a machine with nothing on it; the operations are refused all the same, since a course may run without the sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.grading.student import Student
from autograder.jail.warm import WarmJail
from tests.support.artifacts import LIMIT, MEMORY, Room, framework_jail, room_in, student_in


@pytest.fixture(scope="module")
def jail() -> Iterator[WarmJail]:
    with framework_jail(MEMORY) as made:
        yield made


@pytest.fixture(scope="module")
def one_student(jail: WarmJail) -> Iterator[Student]:
    with student_in(jail) as made:
        yield made


@pytest.fixture
def student(one_student: Student) -> Student:
    one_student._session.begin_test(LIMIT, seed=0)
    return one_student


@pytest.fixture(scope="module")
def one_room(jail: WarmJail) -> Iterator[Room]:
    with room_in(jail) as made:
        yield made


@pytest.fixture
def clean(one_room: Room) -> Room:
    one_room.begin_test(LIMIT, seed=0)
    return one_room
