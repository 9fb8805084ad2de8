"""Is what a worker finished recorded as it is, and looked at again where something could have changed it?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from autograder.classroom.record import Recorder
from autograder.classroom.work import Graded, grade
from tests.classroom.test_dispatch import task_of
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
    return Recorder(course, SLUG), course / "course" / "submitted" / "ada" / SLUG, grade(task_of(course))


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
