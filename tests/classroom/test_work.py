"""Is a task data both ways, and does a worker need nothing but the package and the graders?"""

from __future__ import annotations

import json
import os
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.utils import determine_grade

from autograder.classroom import work
from autograder.classroom.record import broken
from autograder.classroom.work import Task, grade, joined
from autograder.course.sprint import Sprint
from autograder.errors import BadInput, PlatformFault
from autograder.grading.fingerprint import fingerprint
from autograder.notebook.cells import grade_id, is_graded, is_locked
from autograder.reports.scored import with_scores
from tests.support import tiny
from tests.support.tiny import QUICK

WRITES = """
import pathlib
pathlib.Path("out").mkdir()
pathlib.Path("out/seen.txt").write_text(open("a/data.txt").read())
"""


@pytest.fixture
def task(sprint: Sprint) -> Task:
    nb = tiny.submission(WRITES + tiny.DOUBLE_ANSWER, "class Box: pass", tiny.SUBTRACT_ANSWER)
    return Task(
        "ada", "tiny", nbformat.writes(nb), {"a/data.txt": b"given"}, QUICK, "seed", "off",
        str(sprint.graders.parent), fingerprint(sprint.graders), released=sprint.release.read_text(),
    )  # fmt: skip


def test_a_task_crosses_as_data(task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do results, JUnit, the notebook and the files it wrote come back?"""
    monkeypatch.chdir(tmp_path)
    graded = pickle.loads(pickle.dumps(grade(pickle.loads(pickle.dumps(task)))))  # noqa: S301 - our own
    assert graded.results.score == 4
    assert "<testsuite" in graded.junit
    assert graded.written == {"out/seen.txt": b"given"}
    assert graded.note.startswith("sandbox: off")
    assert json.loads(graded.notebook)["cells"][2]["execution_count"]
    assert list(tmp_path.iterdir()) == []


def test_the_worker_puts_the_scores_in(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """Are they the cells' outputs; are those of two runs put in again, and is a notebook that is none said later?"""
    graded = grade(task)
    nb = nbformat.from_dict(json.loads(graded.notebook))
    assert graded.finished
    scores = [determine_grade(cell)[0] for cell in nb.cells if is_graded(cell)]
    assert sum(scores) == graded.results.score == 4
    assert not joined(graded, grade(replace(task, gpu=True))).finished

    def spoilt(nb: NotebookNode, *about: Any) -> NotebookNode:
        with_scores(nb, *about).cells[0].cell_type = "none of nbformat's"
        return nb

    monkeypatch.setattr(work, "with_scores", spoilt)
    assert not grade(task).finished


def test_what_was_handed_in_is_rebuilt_by_the_worker(task: Task) -> None:
    """Does a changed locked cell count as little as when it was put right before, and is it said?"""
    nb = nbformat.reads(task.notebook, as_version=4)
    check = next(cell for cell in nb.cells if is_locked(cell) and cell.cell_type == "code")
    check.source = "raise SystemExit"
    graded = grade(replace(task, notebook="", submitted=nbformat.writes(nb).encode()))
    assert graded.results.score == 4
    assert graded.changes == (f"cell {grade_id(check)!r} was edited; the released text is used",)
    assert graded.changes[0] in json.loads(graded.notebook)["cells"][0]["source"].replace("&#x27;", "'")


def test_what_became_unreadable_is_this_students_line(task: Task) -> None:
    """It would end the class otherwise: only what is wrong with a worker does."""
    with pytest.raises(PlatformFault, match="^tiny.ipynb: broken JSON"):
        grade(replace(task, notebook="", submitted=b"{"))


def test_other_graders_are_refused_by_name(task: Task, tmp_path: Path) -> None:
    theirs = tiny.write_course(tmp_path, graders=tiny.GRADERS | {"box": tiny.BOX + "\n"})
    wanted = task.fingerprint
    changed = Task(**{**vars(task), "graders": str(tiny.sprint(theirs).graders.parent)})
    with pytest.raises(BadInput, match=f"has platform .* of 'tiny', and {wanted} is wanted"):
        grade(changed)


def test_graders_that_changed_under_a_worker_are_read_again(task: Task, tmp_path: Path) -> None:
    """Is a worker that lives on never left with the tests it read first?"""
    sprint = tiny.sprint(tiny.write_course(tmp_path))
    tests = sprint.graders / "test_subtract.py"
    scores = []
    for second, source in enumerate((tests.read_text(), tests.read_text().replace("2.0", "3.0"), tests.read_text())):
        tests.write_text(source)
        os.utime(
            tests, (second, second)
        )  # Python's compiled files know a text by its size and the second it was written
        given = {"graders": str(sprint.graders.parent), "fingerprint": fingerprint(sprint.graders)}
        scores.append(grade(Task(**{**vars(task), **given})).results.score)
    assert scores == [4, 3, 4]


def test_a_fingerprint_is_of_content_and_not_of_place(tmp_path: Path) -> None:
    sprint, same = (tiny.sprint(tiny.write_course(tmp_path / name)) for name in ("here", "there"))
    assert fingerprint(same.graders) == fingerprint(sprint.graders)
    (same.graders / "__pycache__").mkdir()
    (same.graders / "__pycache__" / "old.pyc").touch()
    assert fingerprint(same.graders) == fingerprint(sprint.graders)
    (same.graders / "oracle.py").touch()
    assert fingerprint(same.graders) != fingerprint(sprint.graders)


def test_what_cannot_be_executed_is_broken_in_every_cell(task: Task, sprint: Sprint) -> None:
    graded = broken(task.notebook, sprint, "the reason")
    assert (graded.results.status, graded.results.score, graded.results.max_score) == ("broken", 0, 7)
    assert {cell.status for cell in graded.results.cells} == {"broken"}
    assert isinstance(json.loads(graded.notebook)["cells"][0]["source"], str)
