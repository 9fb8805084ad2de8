"""Each protection, switched off, lets an attack through: so it is what stops it, and the attack is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autograder.grading.limits import Limit, Limits
from tests.attacks.submissions import SUBMISSIONS
from tests.attacks.submissions.base import JAIL, PATIENCE, Submission
from tests.attacks.world import World, world_in
from tests.support.jails import needs_sandbox

pytestmark = needs_sandbox


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world_in(tmp_path_factory.mktemp("world")) as made:
        yield made


SLOW = {s.name for s in SUBMISSIONS if JAIL in s.off} - {"writes_outside"}
"""Ordinary kernels take their time to start; one shows that the rest of them can be switched to."""
AMPLE = Limits(cell=Limit(30, 60), test=Limit(5, 15))
"""An attack that gets through may need its time, on a busy machine above all: no limit of time is to stop it here."""


@pytest.mark.parametrize(
    "submission",
    [
        pytest.param(s, id=s.name, marks=[pytest.mark.slow] * (s.slow or s.name in SLOW))
        for s in SUBMISSIONS
        if s.off or s.without
    ],
)
def test_it_gets_what_it_wants_without_its_protection(
    world: World, submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    if submission.without:
        submission.without(monkeypatch)
    if submission.limits is PATIENCE:
        submission = replace(submission, limits=AMPLE)
    try:
        seen = world.grade(submission, submission.off)
        assert submission.reached(seen), f"{seen.refused}\n{seen.printed}\n{seen.text[-3000:]}"
    finally:
        world.restore()
