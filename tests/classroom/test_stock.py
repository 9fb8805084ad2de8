"""Does `autograder autograde` grade an assignment without hidden graders, as `nbgrader autograde` does, and resume?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from tests.support import stock_courses
from tests.support.courses import command, python
from tests.support.jails import needs_sandbox
from tests.support.stock_courses import MAIN, SECOND, SLUG, STUDENTS, scores, shown

pytestmark = needs_sandbox
COMMAND = ("-c", "from autograder.cli import main; main()", "autograde")
DIES = STUDENTS["right"] | {"solve_noise": "def noise(x): os._exit(1)"}
CLASS = {name: STUDENTS[name] for name in ("right", "partly", "wrong")} | {"dies": DIES}


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class, graded by `nbgrader autograde`; another student's notebook is missing, and one names a kernel."""
    root = tmp_path_factory.mktemp("serial")
    stock_courses.make(root, ours=True, more="c.GradeNotebook.sandbox = 'required'\n", students=CLASS)
    (root / "course" / "submitted" / "partly" / SLUG / f"{SECOND}.ipynb").unlink()
    return root


@pytest.fixture(scope="module")
def parallel(serial: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("parallel")
    shutil.copytree(serial, root, dirs_exist_ok=True)
    return root


@pytest.fixture(scope="module")
def said(parallel: Path) -> str:
    """What the first run says."""
    return python(parallel, *COMMAND, SLUG, "--workers=2")


def test_scores_outputs_and_files_are_those_of_the_serial_run(serial: Path, parallel: Path, said: str) -> None:
    command(serial, "autograde", SLUG)
    assert scores(parallel) == scores(serial)
    for student in CLASS:
        for name in (MAIN, SECOND):
            if (student, name) != ("partly", SECOND):
                assert shown(parallel, student, name) == shown(serial, student, name)
        left = [root / "course" / "autograded" / student / SLUG for root in (serial, parallel)]
        assert [sorted(path.name for path in folder.iterdir()) for folder in left[:1]] == [
            sorted(path.name for path in folder.iterdir()) for folder in left[1:]
        ]
        assert (left[1] / "made.txt").exists() == (left[0] / "made.txt").exists()


def test_who_needs_a_look_is_named(said: str) -> None:
    assert "notebook main: the kernel died in cell 9" in " ".join(said.split())
    assert "4 graded, 0 pending, 0 broken, 0 failed; 0 of them by an earlier run" in said


def test_results_are_those_of_the_gradebook(parallel: Path, said: str) -> None:
    for student in CLASS:
        results = json.loads((parallel / "course" / "results" / student / SLUG / "results.json").read_text())
        known = sum(score for (who, *_), (score, *_) in scores(parallel).items() if who == student)
        assert results["score"] == pytest.approx(known)


def test_a_second_run_does_what_is_missing_and_a_regrade_what_has_changed(parallel: Path, said: str) -> None:
    assert "4 graded, 0 pending, 0 broken, 0 failed; 4 of them" in python(parallel, *COMMAND, SLUG)
    submitted = parallel / "course" / "submitted" / "wrong" / SLUG / f"{MAIN}.ipynb"
    nb = nbformat.read(submitted, as_version=4)
    nbformat.write(stock_courses.answer(nb, **STUDENTS["right"]), submitted)
    again = python(parallel, *COMMAND, SLUG, "--workers=1")
    assert "4 graded, 0 pending, 0 broken, 0 failed; 3 of them" in again
    assert "wrong" in again
    source = parallel / "source" / SLUG / "data.txt"
    source.write_text("3")
    assert "4 were graded with other graders or limits" in " ".join(python(parallel, *COMMAND, SLUG).split())
    source.write_text("2")


def test_an_unknown_name_is_refused_in_one_line(parallel: Path, said: str) -> None:
    refused = python(parallel, *COMMAND, "nothing", status=2)
    assert "unknown sprint 'nothing'" in refused
    assert "Traceback" not in refused
