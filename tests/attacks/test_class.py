"""A whole class, attackers among honest students: does every honest one get the exact score in the gradebook?"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.bridge.config import commands_on_path
from autograder.classroom.batch import autograde_class
from autograder.grading.limits import Limit, Limits
from tests.attacks.submissions import FAMILIES, SUBMISSIONS
from tests.attacks.submissions.base import Submission
from tests.attacks.world import HONEST, world_in
from tests.support import tiny
from tests.support.courses import CONFIG, TIME, command
from tests.support.jails import needs_sandbox

pytestmark = needs_sandbox

LIMITS = Limits(cell=Limit(2, 20), test=Limit(1, 10))
"""Short for who attacks, and generous for who waits while they do."""
BROUGHT_BACK = {"all_grade_cells_deleted": tiny.POINTS["subtract"]}
"""What `autograder grade` refuses, while nbgrader puts the cells back and grades what was solved."""
SAMPLE = [next(one for one in family if not one.slow) for family in FAMILIES.values()]


def make_course(root: Path) -> None:
    """A course with the throw-away sprint, released."""
    tiny.write_course(root)
    (root / "autograder" / "graders").rename(root / "graders")
    (root / "nbgrader_config.py").write_text(CONFIG)
    source = root / "source" / "tiny"
    source.mkdir(parents=True)
    nbformat.write(tiny.released(), source / "tiny.ipynb")
    command(root, "generate_assignment", "tiny", "--force")


@pytest.mark.parametrize(
    ("attacks", "honest"),
    [
        pytest.param(SAMPLE, 7, id="one_of_each_family", marks=pytest.mark.slow),
        pytest.param(SUBMISSIONS, 50, id="all", marks=pytest.mark.slow),
    ],
)
def test_every_honest_student_among_attackers_has_the_exact_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attacks: list[Submission], honest: int
) -> None:
    """Is no attacker given a point that was not solved, and nobody left without a grade?"""
    monkeypatch.setenv("PATH", os.environ["PATH"])
    commands_on_path()
    root = tmp_path / "root"
    make_course(root)
    monkeypatch.setenv("AUTOGRADER_ROOT", str(root))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    due, every = {}, max(1, len(attacks) // honest)
    (tmp_path / "world").mkdir()
    with world_in(tmp_path / "world") as world:
        for number, attack in enumerate(attacks):
            student = f"{number:03}-{attack.name}"
            folder = root / "course" / "submitted" / student / "tiny"
            folder.mkdir(parents=True)
            attack.write(folder, world)
            due[student] = BROUGHT_BACK.get(attack.name, attack.earns)
        for number in range(honest):
            student = f"{every * number:03}-honest-{number}"
            folder = root / "course" / "submitted" / student / "tiny"
            folder.mkdir(parents=True)
            nbformat.write(tiny.submission(*tiny.ANSWERS), folder / "tiny.ipynb")
            (folder / "timestamp.txt").write_text(TIME)
            due[student] = HONEST
        standing = autograde_class("tiny", limits=LIMITS)
        assert not list(world.outside.iterdir()), "somebody wrote to the machine"
    assert (standing.failed, standing.broken, standing.pending) == ({}, [], [])
    with Gradebook(f"sqlite:///{root}/course/gradebook.db", "dl-frameworks") as book:
        scores = {submission.student_id: submission.score for submission in book.assignment_submissions("tiny")}
    assert {student: scores[student] for student in due if "honest" in student and scores[student] != HONEST} == {}
    assert {student: score for student, score in scores.items() if score > due[student]} == {}
    assert set(scores) == set(due)
