"""What attacks need besides the throw-away sprint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.course.sprint import Sprint
from autograder.grading.engine import GradedNotebook, grade_notebook
from autograder.grading.limits import Limit, Limits
from autograder.grading.results import Results
from autograder.notebook.rebuild import load_submission
from tests.support import tiny
from tests.support.conditions import conditions
from tests.support.types import GradeWith

PATIENCE = Limits(cell=Limit(2, 6), test=Limit(0.5, 1.5))


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels that do not listen are ended soon."""
    monkeypatch.setattr("autograder.grading.channel.GRACE_S", 0.3)
    monkeypatch.setattr("autograder.grading.budget.GRACE_S", 0.5)


@pytest.fixture
def attack(grade: Callable[..., Results]) -> Callable[..., Results]:
    """Grade a notebook whose first answer is an attack, and whose others are stubs unless given."""
    return lambda source, *others, limits=PATIENCE, **how: grade(source, *others, limits=limits, **how)


@pytest.fixture(scope="session")
def double_sprint(tmp_path_factory: pytest.TempPathFactory) -> Sprint:
    """A sprint of one cell, for attacks on which time is not to be lost seven times."""
    graders = {"double": tiny.DOUBLE}
    return tiny.sprint(tiny.write_course(tmp_path_factory.mktemp("one"), "one_cell", graders), "one_cell")


@pytest.fixture
def attack_one(double_sprint: Sprint, tmp_path: Path) -> Callable[[str], Results]:
    """Grade an attack on the cell `double` alone."""

    def run(source: str) -> Results:
        path = tmp_path / "attack.ipynb"
        nbformat.write(tiny.submission(source), path)
        return grade_notebook(load_submission(path, double_sprint), double_sprint, conditions(limits=PATIENCE)).results

    return run


@pytest.fixture
def grade_with(tmp_path: Path, request: pytest.FixtureRequest) -> GradeWith:
    """Grade answers with hidden tests of the test's own; every call is a sprint of its own."""
    count = iter(range(100))

    def run(
        graders: dict[str, str],
        *answers: str,
        seed: str = "s",
        limits: Limits = PATIENCE,
        gpu: bool = False,
        **how: Any,
    ) -> GradedNotebook:
        slug = f"{request.node.name.partition('[')[0]}_{next(count)}"
        sprint = tiny.sprint(tiny.write_course(tmp_path / slug, slug, graders), slug)
        path = tmp_path / f"{slug}.ipynb"
        nbformat.write(tiny.submission(*answers), path)
        return grade_notebook(
            load_submission(path, sprint), sprint, conditions(limits=limits, seed=seed, gpu=gpu), **how
        )

    return run
