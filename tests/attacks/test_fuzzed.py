"""Does every notebook that a seed makes up get an explicit outcome in bounded time, and leave nothing behind?"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autograder import temporary
from autograder.grading.limits import Limit, Limits
from tests.attacks.submissions.base import Submission
from tests.attacks.world import World, world_in
from tests.support import tiny
from tests.support.fuzzed import files_of, notebook_of
from tests.support.jails import needs_sandbox

pytestmark = needs_sandbox
LIMITS = Limits(submission=Limit(6, 8), cell=Limit(1, 3, idle_s=1.5), test=Limit(0.5, 1.5))


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Where the rooms of this file's jails are, and nobody else's; its path is short, because sockets lie in them."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="fz", dir="/tmp") as folder:
        patch.setattr(temporary, "SHORT_PLACE", folder)
        yield Path(folder)


@pytest.fixture(scope="module")
def world(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world_in(tmp_path_factory.mktemp("world")) as made:
        yield made


def handed_in(seed: int) -> Submission:
    """The notebook that this seed makes up, with its files, as a submission."""
    return Submission(
        f"fuzzed-{seed}",
        "be without an outcome",
        handed_in=lambda nb: notebook_of(seed),
        beside=lambda folder, world: files_of(seed, folder),
        limits=LIMITS,
    )


def left(world: World, place: Path) -> tuple[set[int], int, set[Path], int]:
    """What grading must not leave: processes, descriptors, rooms of jails, mounts."""
    world.jail.settle()
    processes = {child.pid for child in psutil.Process().children(recursive=True)}
    descriptors = len(os.listdir("/proc/self/fd"))
    mounts = len(Path("/proc/self/mounts").read_text().splitlines())
    return processes, descriptors, set(place.iterdir()), mounts


@pytest.mark.parametrize("seeds", [range(12), pytest.param(range(1000, 2000), marks=pytest.mark.slow)], ids=len)
def test_every_notebook_has_an_outcome_and_leaves_nothing(world: World, place: Path, seeds: range) -> None:
    assert world.grade(handed_in(5)).graded, "a jail has been used"
    before = left(world, place)
    for seed in seeds:
        seen = world.grade(handed_in(seed))
        if seen.graded is None:
            assert seen.refused.strip(), f"seed {seed}"
            assert "\n" not in seen.refused, f"seed {seed}: {seen.refused}"
        else:
            assert seen.graded.results.status == "graded", f"seed {seed}: {seen.graded.faults}"
            assert 0 <= seen.score <= sum(tiny.POINTS.values()), f"seed {seed}"
        assert seen.seconds < 30, f"seed {seed}"
    processes, descriptors, rooms, mounts = left(world, place)
    assert before[2], "rooms are counted"
    # the jail that is made ahead may be another one than before
    assert len(processes) <= len(before[0]) + 2
    assert descriptors <= before[1] + 3
    assert len(rooms) <= len(before[2]) + 1
    assert mounts == before[3]
    assert not list(world.outside.iterdir())
