"""Each protection, switched off, lets an attack through: so it is what stops it, and the attack is one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attacks.submissions import SUBMISSIONS
from tests.attacks.submissions.base import JAIL, Submission
from tests.attacks.world import World, world_in
from tests.support.jails import needs_sandbox

pytestmark = needs_sandbox


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world_in(tmp_path_factory.mktemp("world")) as made:
        yield made


SLOW = {s.name for s in SUBMISSIONS if JAIL in s.off} - {"writes_outside"}
"""Ordinary kernels take their time to start; one shows that the rest of them can be switched to."""


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
    try:
        seen = world.grade(submission, submission.off)
        assert submission.reached(seen), f"{seen.refused}\n{seen.text[-3000:]}"
    finally:
        world.restore()
