"""Is a unit of work data both ways, and does a worker need nothing but the package and the graders?"""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import nbformat
import pytest

from autograder.classroom.record import Sanitized, broken_unit
from autograder.classroom.work import Unit, fingerprint, grade_unit
from autograder.course.sprint import Sprint
from autograder.errors import BadInput
from tests.support import tiny
from tests.support.tiny import QUICK

WRITES = """
import pathlib
pathlib.Path("out").mkdir()
pathlib.Path("out/seen.txt").write_text(open("a/data.txt").read())
"""


@pytest.fixture
def unit(sprint: Sprint) -> Unit:
    nb = tiny.submission(WRITES + tiny.DOUBLE_ANSWER, "class Box: pass", tiny.SUBTRACT_ANSWER)
    return Unit(
        "ada", "tiny", nbformat.writes(nb), {"a/data.txt": b"given"}, QUICK, "seed", "off",
        str(sprint.graders.parent), fingerprint(sprint.graders),
    )  # fmt: skip


def test_a_unit_crosses_as_data(unit: Unit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do results, JUnit, the notebook and the files it wrote come back?"""
    monkeypatch.chdir(tmp_path)
    graded = pickle.loads(pickle.dumps(grade_unit(pickle.loads(pickle.dumps(unit)))))  # noqa: S301 - our own
    assert graded.results.score == 4
    assert "<testsuite" in graded.junit
    assert graded.written == {"out/seen.txt": b"given"}
    assert graded.note.startswith("sandbox: off")
    assert graded.graded().notebook.cells[2].execution_count
    assert list(tmp_path.iterdir()) == []


def test_other_graders_are_refused_by_name(unit: Unit, tmp_path: Path) -> None:
    theirs = tiny.write_course(tmp_path, graders=tiny.GRADERS | {"box": tiny.BOX + "\n"})
    wanted = unit.fingerprint
    changed = Unit(**{**vars(unit), "graders": str(tiny.sprint(theirs).graders.parent)})
    with pytest.raises(BadInput, match=f"has autograder .* of 'tiny', and {wanted} is wanted"):
        grade_unit(changed)


def test_graders_that_changed_under_a_worker_are_read_again(unit: Unit, tmp_path: Path) -> None:
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
        scores.append(grade_unit(Unit(**{**vars(unit), **given})).results.score)
    assert scores == [4, 3, 4]


def test_a_fingerprint_is_of_content_and_not_of_place(tmp_path: Path) -> None:
    sprint, same = (tiny.sprint(tiny.write_course(tmp_path / name)) for name in ("here", "there"))
    assert fingerprint(same.graders) == fingerprint(sprint.graders)
    (same.graders / "__pycache__").mkdir()
    (same.graders / "__pycache__" / "old.pyc").touch()
    assert fingerprint(same.graders) == fingerprint(sprint.graders)
    (same.graders / "oracle.py").touch()
    assert fingerprint(same.graders) != fingerprint(sprint.graders)


def test_what_cannot_be_executed_is_broken_in_every_cell(unit: Unit, sprint: Sprint) -> None:
    broken = broken_unit(Sanitized(unit.notebook, {}), sprint, "the reason")
    assert (broken.results.status, broken.results.score, broken.results.max_score) == ("broken", 0, 7)
    assert {cell.status for cell in broken.results.cells} == {"broken"}
    assert isinstance(broken.graded().notebook.cells[0].source, str)
