"""A course over git."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.git_courses import Course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    made = Course(tmp_path)
    made.release()
    return made
