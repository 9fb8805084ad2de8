"""What is made once for a run of the tests, whichever of its processes needs it first."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def once(request: pytest.FixtureRequest, name: str, make: Callable[[Path], object]) -> Path:
    """A folder of this name that ``make`` has filled, one for all processes of this run. Nobody may change it.

    A process that needs it while another one makes it waits. What failed halfway is made anew.
    """
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    place = factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        place = place.parent  # each of pytest-xdist's workers has a folder in the run's
    folder, made = place / name, place / f"{name}.made"
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            made.touch()
    return folder
