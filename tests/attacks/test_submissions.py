"""Whole notebooks that attack, graded as a student's are: does none get what it wants, and is nobody else harmed?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.attacks.submissions import FAMILIES, SUBMISSIONS
from tests.attacks.submissions.base import Submission
from tests.attacks.world import HONEST, PAUSE_S, Grading, Neighbour, World, grade_honest, world_in
from tests.support.jails import needs_sandbox

pytestmark = needs_sandbox


@dataclass
class Street:
    """A world in which an honest student is graded without pause, and when each attacker was."""

    world: World
    attacks: dict[str, tuple[float, float]] = field(default_factory=dict)

    def harmed(self, gradings: list[Grading]) -> dict[str, list[object]]:
        """Attacks beside which, or right after which, an honest submission did not keep its exact score."""
        found = {}
        for name, (start, end) in self.attacks.items():
            beside = [g.score for g in gradings if g.start < end and g.end > start]
            after = [g.score for g in gradings if g.start >= end][:1]
            if {*beside, *after} - {HONEST}:
                found[name] = beside + after
        return found


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with world_in(tmp_path_factory.mktemp("world")) as world:
        neighbour = Neighbour(world)
        made = Street(world)
        try:
            yield made
        finally:
            gradings = neighbour.close()
        assert made.harmed(gradings) == {}
        for name, (start, end) in made.attacks.items():
            beside = any(g.start < end and g.end > start for g in gradings)
            assert beside or end - start < 2 * PAUSE_S, f"nobody was graded beside {name}"  # else: refused unread
            assert any(g.start >= end for g in gradings), f"nobody was graded after {name}"


EVERY_RUN = {next(s.name for s in family if not s.slow) for family in FAMILIES.values()}
"""One of each family is in every run of the tests; the others wait for `make proofs`."""


def each(submissions: list[Submission]) -> list[object]:
    """Parameters, marked where they are left to the proofs."""
    return [pytest.param(s, id=s.name, marks=[pytest.mark.slow] * (s.name not in EVERY_RUN)) for s in submissions]


@pytest.mark.parametrize("submission", each(SUBMISSIONS))
def test_it_does_not_get_what_it_wants_and_harms_nobody(street: Street, submission: Submission) -> None:
    """That an honest submission kept its score, beside it and after it, is seen when all have been graded."""
    world, start = street.world, time.monotonic()
    world.visits = 0
    seen = world.grade(submission)
    street.attacks[submission.name] = start, time.monotonic()

    assert not submission.reached(seen), f"{submission.must_not}\n{seen.printed[-2000:]}"
    assert seen.score == submission.earns
    assert bool(seen.refused) == submission.refused
    if seen.graded:
        assert seen.graded.results.status == "graded", f"a fault of ours: {seen.graded.faults}"
    assert seen.seconds < submission.seconds
    assert not list(world.outside.iterdir()), "it wrote to the machine"
    assert world.visits == 0, "it reached a service of the machine"


def test_the_grader_itself_is_unharmed(street: Street) -> None:
    """After all attacks, in the process that graded them."""
    world = street.world
    assert grade_honest(world.folder / "last.ipynb", world.jail, world.folder / "course") == HONEST


def test_a_student_who_is_harmed_is_noticed() -> None:
    """Would the look at the honest scores miss one beside or right after an attack?"""
    street = Street(None, {"first": (1.0, 2.0), "second": (5.0, 6.0)})  # type: ignore[arg-type]
    fine = [Grading(0.5, 1.5, HONEST), Grading(2.1, 3.0, HONEST), Grading(4.9, 5.5, HONEST)]
    assert street.harmed(fine) == {}
    assert list(street.harmed([*fine, Grading(6.5, 7.0, HONEST - 1)])) == ["second"]
    assert list(street.harmed([Grading(1.1, 1.2, "PlatformFault: dead"), *fine])) == ["first"]
