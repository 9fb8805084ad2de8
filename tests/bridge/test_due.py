"""Does `autograder due` set the time that was meant, say it in full, and say what lateness costs?"""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.support.classes import MAIN
from tests.support.courses import SLUG, make_course, python


@pytest.fixture
def course(tmp_path: Path) -> Path:
    make_course(tmp_path)
    with (tmp_path / "nbgrader_config.py").open("a") as file:
        file.write("c.LatePolicy.penalty_per_day = 10\nc.LatePolicy.cut_off_days = 7\n")
    return tmp_path


def due(course: Path, *arguments: str, status: int = 0) -> list[str]:
    return python(course, "-c", MAIN, "due", *arguments, status=status).splitlines()


def test_it_is_set_said_and_taken_away(course: Path) -> None:
    rule = "Every day begun costs 10 % of the points earned; after 7 days nothing counts."
    (no,) = due(course, SLUG, status=2)
    assert f"the course has no assignment '{SLUG}'" in no
    said = due(course, SLUG, "2026-12-01 23:59 Europe/Berlin")
    assert said == [f"{SLUG} is due 2026-12-01 23:59 Europe/Berlin (CET), 22:59 UTC", rule]
    assert due(course, SLUG) == [f"{SLUG} is due 2026-12-01 22:59 UTC", rule]
    with Gradebook(f"sqlite:///{course}/course/gradebook.db") as book:
        assert str(book.find_assignment(SLUG).duedate) == "2026-12-01 22:59:00"
    assert due(course, SLUG, "none") == [f"{SLUG} has no due date"]
    (no,) = due(course, SLUG, status=2)
    assert f"{SLUG} has no due date: give one" in no


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        pytest.param((SLUG, "2026-12-01 23:59"), "and a time zone", marks=pytest.mark.slow),
        ((SLUG, "2026-12-01 23:59 JST"), "'JST' is no time zone"),
        pytest.param(
            ("dubling", "2026-12-01 23:59 UTC"), "the course has no assignment 'dubling'", marks=pytest.mark.slow
        ),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(course: Path, arguments: tuple[str, str], why: str) -> None:
    (line,) = due(course, *arguments, status=2)
    assert why in line
    assert due(course, SLUG, status=2)
