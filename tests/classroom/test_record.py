"""Is what a worker finished recorded as it is, and looked at again where something could have changed it?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from autograder.classroom.dispatch import Dispatch
from autograder.classroom.record import Recorder
from autograder.classroom.settle import Settle
from autograder.classroom.work import Graded, grade
from autograder.course.sprint import find_sprint
from autograder.grading.limits import Limits
from tests.support.courses import NOTEBOOK, SLUG

A_STEP = """
from nbgrader.preprocessors import NbGraderPreprocessor
class Spoil(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        nb.cells[0].cell_type = "none of nbformat's"
        return nb, resources
c.Autograde.autograde_preprocessors = [*c.Autograde.autograde_preprocessors, Spoil]
"""


def graded_in(course: Path) -> tuple[Recorder, Path, Graded]:
    """A recorder of the course, ada's submission, and what a worker makes of it."""
    recorder = Recorder(course, SLUG)
    sprint = find_sprint(SLUG, course, Path(recorder.hidden.directory))
    at_work = Dispatch(Settle(recorder, sprint, dry_run=False), Limits(), Console())
    (submission,) = at_work.plan(["ada"], "missing")
    task = at_work._task(submission, only_gpu=False)
    assert task is not None
    return recorder, submission.folder, grade(task)


def test_scores_are_put_in_once(course: Path) -> None:
    """By the worker, or here if it could not: is the notebook the same?"""
    recorder, folder, graded = graded_in(course)
    texts = []
    for finished in (True, False):
        recorder.record("ada", folder, replace(graded, finished=finished))
        texts.append((course / "course" / "autograded" / "ada" / SLUG / NOTEBOOK).read_text(encoding="utf-8"))
    assert texts[0] == texts[1]
    nbformat.validate(nbformat.reads(texts[0], as_version=4))


def test_what_a_step_of_the_courses_own_spoils_is_not_recorded(course: Path) -> None:
    """The worker says that the notebook is valid: is it believed only where no step can make it invalid?"""
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(A_STEP)
    recorder, folder, graded = graded_in(course)
    assert graded.finished
    with pytest.raises(nbformat.ValidationError):
        recorder.record("ada", folder, graded)
    assert not (course / "course" / "autograded" / "ada" / SLUG).exists()
