"""Who rebuilds what was handed in: the workers, where nothing else can change it?"""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from autograder.classroom import dispatch
from autograder.classroom.dispatch import Dispatch
from autograder.classroom.record import Recorder
from autograder.classroom.settle import Settle
from autograder.classroom.work import Task
from autograder.course.sprint import find_sprint
from autograder.grading.limits import Limits
from autograder.notebook.cells import grade_id
from tests.support.courses import NOTEBOOK, SLUG

A_STEP = """
from nbgrader.preprocessors import NbGraderPreprocessor
class Shout(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        return nb, resources
c.Autograde.sanitize_preprocessors = [*c.Autograde.sanitize_preprocessors, Shout]
"""


def task_of(course: Path) -> Task:
    recorder = Recorder(course, SLUG)
    sprint = find_sprint(SLUG, course, Path(recorder.hidden.directory))
    at_work = Dispatch(Settle(recorder, sprint, dry_run=False), Limits(), Console())
    (submission,) = at_work.plan(["ada"], "missing")
    task = at_work._task(submission, only_gpu=False)
    assert task is not None
    return task


def test_a_worker_gets_what_was_handed_in(course: Path) -> None:
    task = task_of(course)
    assert task.submitted == (course / "course" / "submitted" / "ada" / SLUG / NOTEBOOK).read_bytes()
    assert task.notebook == ""


def test_a_large_notebook_is_sent_without_its_outputs(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class of the largest that may be handed in must fit into the memory of this process."""
    monkeypatch.setattr(dispatch, "SENT_AS_IT_IS", 100)
    task = task_of(course)
    assert task.submitted == b""
    assert nbformat.reads(task.notebook, as_version=4).cells


def test_with_a_step_of_the_courses_own_it_is_sanitized_here(course: Path) -> None:
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(A_STEP)
    assert task_of(course).notebook


def test_what_the_gradebook_says_of_a_locked_cell_still_counts(course: Path) -> None:
    """The release was edited after it was generated: nbgrader puts the gradebook's text back, which a worker cannot."""
    release = course / "assignments" / SLUG / NOTEBOOK
    nb = nbformat.read(release, as_version=4)
    cell = next(cell for cell in nb.cells if grade_id(cell) == "double")
    before, cell.source = cell.source, "print('edited')"
    nbformat.write(nb, release)
    task = task_of(course)
    assert task.submitted == b""
    graded = {grade_id(cell): cell.source for cell in nbformat.reads(task.notebook, as_version=4).cells}
    assert graded["double"] == before
