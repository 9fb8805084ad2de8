"""Are inputs the same for every student of a course, and unknown to the next?"""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder.course.seed import SEED_FILE, course_seed, derive


@pytest.fixture(autouse=True)
def no_seed_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGRADER_SEED", raising=False)


def test_the_seed_is_made_once_and_kept(tmp_path: Path) -> None:
    first = course_seed(tmp_path / "class")
    assert len(first) == 32
    assert course_seed(tmp_path / "class") == first
    assert course_seed(tmp_path / "another") != first


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    course_seed(tmp_path)
    assert stat.S_IMODE((tmp_path / SEED_FILE).stat().st_mode) == 0o600


def test_the_environment_can_give_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_SEED", "given")
    assert course_seed(tmp_path) == "given"
    assert not (tmp_path / SEED_FILE).exists()


def test_many_workers_that_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        seeds = list(pool.map(course_seed, [tmp_path] * 64))
    assert len(set(seeds)) == 1
    assert seeds[0]


def test_numbers_differ_by_seed_and_by_every_name() -> None:
    numbers = {
        derive(*names) for names in [("s", "a"), ("s", "b"), ("t", "a"), ("s", "a", ""), ("s", "a", "b"), ("s",)]
    }
    assert len(numbers) == 6
    assert derive("s", "a") == derive("s", "a")
    assert all(0 <= number < 1 << 63 for number in numbers)
