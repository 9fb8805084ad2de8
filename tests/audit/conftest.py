"""A pool of one process for all audits of a file."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from types import ModuleType

import pytest

from autograder.audit.gradings import grading_pool


@pytest.fixture(scope="module")
def one_process() -> Iterator[ProcessPoolExecutor]:
    """A pool of one process: starting it takes longer than grading the throw-away sprint, which needs numpy only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_PRELOAD", "numpy")
        with grading_pool(1) as pool:
            yield pool


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Where a test file says in ``GRADES`` which module grades, that one's pools of one process are the one there."""
    grades: ModuleType | None = getattr(request.module, "GRADES", None)
    if grades is not None:
        pool = request.getfixturevalue("one_process")
        monkeypatch.setenv("AUTOGRADER_PRELOAD", "numpy")
        monkeypatch.setattr(
            grades, "grading_pool", lambda workers: nullcontext(pool) if workers == 1 else grading_pool(workers)
        )
