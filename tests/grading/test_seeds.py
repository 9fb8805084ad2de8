"""Does a test that runs again with other seeds see what a grading with that seed would see, and is nothing lost?"""

from __future__ import annotations

import pytest

from autograder.course.sprint import Sprint
from autograder.grading.engine import GradedNotebook, grade_notebook
from autograder.grading.limits import Limit
from autograder.grading.selection import Selection
from autograder.jail.ordinary_kernel import ordinary_kernel
from tests.support import tiny
from tests.support.conditions import conditions

SEEDS = ("1", "2", "3")
"""The third number drawn by `test_arrays` is positive with some of these and negative with others."""
ONE_SIGN_ONLY = "def double(x):\n    assert not isinstance(x, str), 'no'\n    return abs(2 * x)\n"
ENDLESS = "def double(x):\n    while not isinstance(x, int):\n        pass\n    return 2 * x\n"


def graded(sprint: Sprint, answer: str, seed: str, **selection: object) -> GradedNotebook:
    asked = conditions(ordinary_kernel, seed=seed, limits=tiny.QUICK, selection=Selection(**selection))  # type: ignore[arg-type]
    return grade_notebook(tiny.submission(answer, *tiny.ANSWERS[1:]), sprint, asked)


def test_each_seed_gives_what_it_gives_alone(sprint: Sprint) -> None:
    """Are outcomes, points and causes those of a grading with that seed? Do they differ from seed to seed?"""
    together = graded(sprint, ONE_SIGN_ONLY, SEEDS[0], seeds=SEEDS[1:])
    assert list(together.by_seed) == list(SEEDS[1:])
    found = [together.results, *together.by_seed.values()]
    alone = [graded(sprint, ONE_SIGN_ONLY, seed).results for seed in SEEDS]
    assert [tiny.outcomes(results) for results in found] == [tiny.outcomes(results) for results in alone]
    assert [results.score for results in found] == [results.score for results in alone]
    assert len({str(tiny.outcomes(results)) for results in found}) > 1
    assert all(len(tiny.hidden(results)) == 6 and results.max_score == 7 for results in found)


def test_only_what_draws_and_was_asked_for_is_run_again(sprint: Sprint) -> None:
    calls: list[str] = []
    asked = conditions(
        ordinary_kernel,
        seed="1",
        selection=Selection(
            seeds=("2", "3"), again={"test_double.py::test_arrays": 2, "test_double.py::test_numbers": 1}
        ),
    )
    grade_notebook(tiny.submission(*tiny.ANSWERS), sprint, asked, progress=lambda n, total, title: calls.append(title))
    assert calls.count("Arrays are doubled element by element.") == 3
    assert calls.count("Numbers are doubled.") == 2
    assert calls.count("A string is a TypeError.") == 1


def test_what_was_stopped_once_is_not_run_again(sprint: Sprint) -> None:
    """Has a test that takes its whole limit the same outcome with each seed, without taking it again?"""
    done = graded(sprint, ENDLESS, "1", seeds=("2", "3"))
    own = tiny.hidden(done.results)
    assert [test.duration_s for test in own if test.duration_s > 0.9], "none was stopped"
    for results in done.by_seed.values():
        stopped = [test for test in tiny.hidden(results) if test.duration_s > 0.9]
        assert stopped == [test for test in own if test.duration_s > 0.9]
        assert results.score == done.results.score


@pytest.mark.parametrize("factor", [1, 20])
def test_more_seeds_have_more_time(factor: int) -> None:
    limit = Limit(3, 40, 5).times(factor)
    assert (limit.cpu_s, limit.wall_s, limit.idle_s) == (3 * factor, 40 * factor, 5)
