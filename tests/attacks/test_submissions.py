"""Whole notebooks that attack, graded as a student's are: does none get what it wants, and is nobody else harmed?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.submissions import SUBMISSIONS
from tests.attacks.submissions.base import Submission
from tests.attacks.world import HONEST, World, grade_honest, world_in
from tests.jails import needs_sandbox

pytestmark = needs_sandbox


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world_in(tmp_path_factory.mktemp("world")) as made:
        yield made


def each(submissions: list[Submission]) -> list[object]:
    return [pytest.param(s, id=s.name, marks=[pytest.mark.slow] * s.slow) for s in submissions]


@pytest.mark.parametrize("submission", each(SUBMISSIONS))
def test_it_does_not_get_what_it_wants_and_harms_nobody(world: World, submission: Submission, tmp_path: Path) -> None:
    world.visits = 0
    with world.neighbour.grading():
        seen = world.grade(submission)
    after = grade_honest(tmp_path / "after.ipynb", world.jail, world.folder / "course")
    beside = world.neighbour.scores()

    assert not submission.reached(seen), f"{submission.must_not}\n{seen.printed[-2000:]}"
    assert seen.score == submission.earns
    assert bool(seen.refused) == submission.refused
    if seen.graded:
        assert seen.graded.results.status == "graded", f"a fault of ours: {seen.graded.faults}"
    assert seen.seconds < submission.seconds
    assert not list(world.outside.iterdir()), "it wrote to the machine"
    assert world.visits == 0, "it reached a service of the machine"
    assert after == HONEST, "the next student pays for it"
    assert set(beside) == {HONEST}, "the student beside it pays for it"


@pytest.mark.parametrize("submission", each([s for s in SUBMISSIONS if s.off or s.without]))
def test_it_gets_what_it_wants_without_its_protection(
    world: World, submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    if submission.without:
        submission.without(monkeypatch)
    seen = world.grade(submission, submission.off)
    assert submission.reached(seen), f"{seen.refused}\n{seen.text[-3000:]}"
    for path in world.outside.iterdir():
        path.unlink()
