"""A clean room and a student's kernel, from one warm process that has the frameworks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.grading.student import Student
from autograder.jail.warm import WarmJail
from tests.support import artifacts
from tests.support.artifacts import Room, framework_jail, room_in, student_in


@pytest.fixture(scope="module")
def jail() -> Iterator[WarmJail]:
    with framework_jail() as made:
        yield made


@pytest.fixture(scope="module")
def one_student(jail: WarmJail) -> Iterator[Student]:
    with student_in(jail) as made:
        yield made


@pytest.fixture
def student(one_student: Student) -> Student:
    one_student._session.begin_test(artifacts.LIMIT, seed=0)
    return one_student


@pytest.fixture(scope="module")
def one_room(jail: WarmJail) -> Iterator[Room]:
    with room_in(jail) as made:
        yield made


@pytest.fixture
def clean(one_room: Room) -> Room:
    one_room.begin_test(artifacts.LIMIT, seed=0)
    return one_room
