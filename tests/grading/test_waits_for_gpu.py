"""Does a test that needs a GPU wait for a lane that has one, by every way in, with no sandbox to keep the lanes apart?

Promise 8: it is pending, and never 0, where its kernel sees no GPU. The machine says that it has one; the hidden test
looks whether its kernel may use it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from autograder.audit import gradings
from autograder.classroom.gradescope_zip import grade_submission
from autograder.course.sprint import Sprint
from autograder.grading.results import Results, read_results
from autograder.grading.selection import EVERYTHING
from autograder.jail import bubblewrap
from autograder.notebook.rebuild import load_submission
from tests.support import tiny

SLUG = "lanes"
SEES_A_GPU = """
import pytest
from autograder.grading import check, probe


@probe
def may_use_gpus():
    import os

    return os.environ.get("CUDA_VISIBLE_DEVICES") != ""


@pytest.mark.gpu
@pytest.mark.points(3)
def test_gpu(student):
    \"\"\"Its kernel may use a GPU.\"\"\"
    check(student.run(may_use_gpus), "a GPU must be in view")
"""

Way = Callable[..., Results]


@pytest.fixture
def lanes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sprint:
    """A sprint with one test that needs a GPU, on a machine that has one and no sandbox."""
    monkeypatch.setenv("AUTOGRADER_GPUS", "1")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("AUTOGRADER_SANDBOX", "off")
    monkeypatch.setenv("AUTOGRADER_SEED", "s")
    sprint = tiny.sprint(tiny.write_course(tmp_path / "course", SLUG, tiny.GRADERS | {"double": SEES_A_GPU}), SLUG)
    monkeypatch.setenv("AUTOGRADER_ROOT", str(sprint.release.parents[2]))
    monkeypatch.setenv("AUTOGRADER_GRADERS", str(sprint.graders.parent))
    nbformat.write(tiny.submission(*tiny.ANSWERS), tmp_path / "handed-in.ipynb")
    return sprint


def test_by_the_command(lanes: Sprint, tmp_path: Path) -> None:
    """And does the command that asks for these tests only get a kernel that may use the GPU?"""
    from autograder.classroom.one_notebook import grade_one

    def graded(only_gpu: bool) -> Results:
        submission = load_submission(tmp_path / "handed-in.ipynb", lanes)
        done, _ = grade_one(submission, lanes, files=None, policy="off", only_gpu=only_gpu)
        return done.results

    first = graded(only_gpu=False)
    assert (first.score, first.status) == (4, "pending")
    both = first.merged(graded(only_gpu=True))
    assert (both.score, both.status) == (7, "graded")


def test_by_pytest(tmp_path: Path, installed: Path, lanes: Sprint) -> None:
    """In a process of its own, with the plugin and the graders of a checkout."""
    root = tmp_path / "checkout"
    shutil.copytree(installed / "autograder", root / "autograder")
    tiny.write_course(root, SLUG, tiny.GRADERS | {"double": SEES_A_GPU})
    results = tmp_path / "results.json"
    plugin = ["--disable-plugin-autoload", "-p", "autograder.grading.plugin", f"autograder/graders/{SLUG}"]
    options = [f"--submission={tmp_path / 'handed-in.ipynb'}", f"--results={results}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *options],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "AUTOGRADER_ROOT": str(root), "AUTOGRADER_GRADERS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    read = read_results(results, SLUG)
    assert (read.score, read.status) == (4, "pending")


def test_by_gradescope(lanes: Sprint, tmp_path: Path) -> None:
    """Gradescope knows no test that waits, so it is shown without a status."""
    submission = tmp_path / "submission"
    submission.mkdir()
    (tmp_path / "handed-in.ipynb").rename(submission / f"{SLUG}.ipynb")
    grade_submission(SLUG, submission, tmp_path / "results.json")
    document = json.loads((tmp_path / "results.json").read_text())
    (waiting,) = [test for test in document["tests"] if test["max_score"] == 3]
    assert "status" not in waiting
    assert (document["score"], document["extra_data"]["status"]) == (4, "pending")


def test_by_the_audit(lanes: Sprint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs these tests as well, in a lane of their own."""
    monkeypatch.setattr(bubblewrap, "missing", lambda: "there is no sandbox here")
    gradings._lane.cache_clear()
    text = nbformat.writes(load_submission(tmp_path / "handed-in.ipynb", lanes))
    try:
        results = gradings._grade(lanes, text, "s", EVERYTHING)["s"]
        monkeypatch.setenv("AUTOGRADER_GPUS", "0")
        gradings._lane.cache_clear()
        without = gradings._grade(lanes, text, "s", EVERYTHING)["s"]
    finally:
        gradings._lane.cache_clear()
    assert (results.score, results.status) == (7, "graded")
    assert (without.score, without.status) == (4, "pending")
