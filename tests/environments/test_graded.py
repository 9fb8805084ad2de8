"""Is a sprint that names an environment graded in it, by every command, and is it said when it is not built?"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from rich.console import Console

from autograder.audit import gradings
from autograder.authoring.pairing import is_in_sync, notebook_path, script_path
from autograder.classroom.gradescope_zip import build_zip
from autograder.classroom.work import Task, grade
from autograder.course.sprint import PACKAGE, Sprint, slugs
from autograder.demo import class_of_six, over_git
from autograder.environments import Environment, environment_of
from autograder.errors import BadInput
from autograder.grading.conditions import Conditions
from autograder.grading.engine import grade_notebook
from autograder.grading.fingerprint import fingerprint
from autograder.grading.results import read_results
from autograder.grading.selection import EVERYTHING
from autograder.jail.lane import lane_for
from autograder.notebook.rebuild import load_submission
from tests.support import tiny
from tests.support.classes import MAIN, hand_in
from tests.support.conditions import conditions
from tests.support.courses import ANSWERS, SLUG, make_course
from tests.support.environments_made import MODULE, NAME, definitions, sprint_on
from tests.support.jails import needs_sandbox
from tests.support.sprints_made import SLUG as THROW_AWAY
from tests.support.sprints_made import make_sprint, release
from tests.support.sprints_made import replace as change
from tests.support.tiny import QUICK
from tests.support.types import Command

ONLY_THERE = f"import sys, {MODULE}\n" + tiny.DOUBLE_ANSWER.replace("2 * x", f"({MODULE}.VALUE - 5) * x")
"""An answer that is right where the environment is, and no answer anywhere else."""

ANSWER = f"import {MODULE}\ndef double(x): return ({MODULE}.VALUE - 5) * x"


@pytest.fixture(scope="module")
def sprint(tmp_path_factory: pytest.TempPathFactory, tiny_environment: Environment) -> Sprint:
    """The throw-away sprint, which names it."""
    return sprint_on(NAME, tmp_path_factory.mktemp("sprint"))


def submission() -> NotebookNode:
    return tiny.submission(ONLY_THERE, tiny.BOX_ANSWER, tiny.SUBTRACT_ANSWER)


@pytest.mark.parametrize("policy", [pytest.param("required", marks=needs_sandbox), "off"])
def test_it_is_graded_there(policy: str, sprint: Sprint, tmp_path: Path) -> None:
    """In the jail and without, and is the platform's own environment out of view in the jail?"""
    nb = submission()
    nb.cells[1].source += f"\nimport {MODULE}, os\nprint(sys.prefix, os.path.exists({sys.prefix!r}))\n{MODULE}.nothing"
    path = tmp_path / "tiny.ipynb"
    nbformat.write(nb, path)
    environment = environment_of(sprint)
    assert environment is not None
    lane = lane_for(policy, environment=environment)
    done = grade_notebook(load_submission(path, sprint), sprint, Conditions(lane, "s", QUICK))
    printed, error = done.notebook.cells[1].outputs
    assert printed.text.split() == ["python", str(policy == "off")], "and where it lies is not told"
    assert error.ename == "AttributeError"
    assert done.results.score == 7


def test_anywhere_else_its_packages_are_missing(sprint: Sprint) -> None:
    results = grade_notebook(submission(), sprint, conditions(limits=QUICK)).results
    assert tiny.outcomes(results)["test_numbers"] == "skipped"


def test_a_worker_grades_it_there(sprint: Sprint) -> None:
    made = fingerprint(sprint.graders, NAME)
    assert made != fingerprint(sprint.graders)
    task = Task(
        "ada", "tiny", nbformat.writes(submission()), {}, QUICK, "seed", "off", str(sprint.graders.parent), made,
        environment=NAME, released=sprint.release.read_text(),
    )  # fmt: skip
    assert grade(task).results.score == 7


def test_a_worker_that_lacks_it_says_so(sprint: Sprint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And so does one with another definition, or with none."""
    made = fingerprint(sprint.graders, NAME)
    task = Task(
        "ada", "tiny", nbformat.writes(submission()), {}, QUICK, "seed", "off", str(sprint.graders.parent), made,
        environment=NAME, released=sprint.release.read_text(),
    )  # fmt: skip
    monkeypatch.setenv("AUTOGRADER_ENVIRONMENTS", str(tmp_path))
    with pytest.raises(BadInput, match="^the worker on .* cannot grade 'tiny': the environment 'tiny' is not built"):
        grade(task)
    definitions(tmp_path, monkeypatch, requirements="# another\n")
    with pytest.raises(BadInput, match=f"has platform .* of 'tiny', and {made} is wanted"):
        grade(task)
    with pytest.raises(BadInput, match="unknown environment 'theirs'"):
        grade(replace(task, environment="theirs"))


@needs_sandbox
def test_an_audit_grades_it_there(sprint: Sprint) -> None:
    by_seed = gradings._grade(sprint, nbformat.writes(submission()), "s", EVERYTHING)
    assert {seed: results.score for seed, results in by_seed.items()} == {"s": 7}


def test_the_command_grades_it_there(autograder: Command, tmp_path: Path) -> None:
    path = tmp_path / "tiny.ipynb"
    nbformat.write(submission(), path)
    status, _, err = autograder("grade", path, "--sandbox", "off", "--minimum", "100")
    assert (status, err) == (0, "sandbox: off, the notebook could read what you can read\n")


def test_where_it_is_not_built_the_command_says_how_to_get_it(
    autograder: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is it one line, exit code 3, and do other sprints' audits go on?"""
    monkeypatch.setenv("AUTOGRADER_ENVIRONMENTS", str(tmp_path / "none"))
    path = tmp_path / "tiny.ipynb"
    nbformat.write(submission(), path)
    lacking = "the environment 'tiny' is not built here: run 'autograder env build tiny'\n"
    assert autograder("grade", path) == (3, "", f"autograder: a fault of the platform: {lacking}")
    status, _, err = autograder("audit", "tiny")
    assert (status, err) == (3, f"autograder: a fault of the platform: tiny cannot be audited: {lacking}")
    assert autograder("audit") == (0, f"tiny is not audited: {lacking}", "")


def test_the_release_brings_what_students_need_to_get_it(tiny_environment: Environment, tmp_path: Path) -> None:
    """Is the list of its packages beside the notebook, in step with the environment's own?"""
    make_sprint(tmp_path)
    change(script_path(THROW_AWAY, tmp_path), "name: python3", f"name: {NAME}")
    release(tmp_path)
    assert is_in_sync(THROW_AWAY, tmp_path)
    handed_out = tmp_path / "assignments" / THROW_AWAY
    wanted = tiny_environment.requirements.read_bytes()
    assert (handed_out / "requirements.txt").read_bytes() == wanted
    kernel = nbformat.read(handed_out / f"{THROW_AWAY}.ipynb", as_version=4).metadata.kernelspec
    assert kernel.name == NAME
    notebook_path(THROW_AWAY, tmp_path).with_name("requirements.txt").write_text("numpy==1.0\n")
    assert not is_in_sync(THROW_AWAY, tmp_path)


@pytest.mark.parametrize("module", [class_of_six, over_git])
def test_a_demo_of_it_builds_it_first_and_says_so(
    module: Any, autograder: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And ends in one line, before anything is made, when it does not build."""
    definitions(tmp_path, monkeypatch, requirements="/no/such/file-1.0-py3-none-any.whl\n")
    console = Console(file=io.StringIO())
    run_it = module.run_demo if module is class_of_six else module.run_demo_git
    with pytest.raises(BadInput, match="the environment 'tiny' could not be built: .* No such file or directory"):
        run_it("tiny", tmp_path / "demo", console)
    assert console.file.getvalue().startswith("building the environment 'tiny'")
    assert not (tmp_path / "demo").exists()


def test_gradescopes_image_has_it(
    autograder: Command, tmp_path: Path, tiny_environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is it built when the image is, with a Python of its own where it needs one?"""
    build_zip("tiny", tmp_path / "upload.zip")
    line = "../venv/bin/autograder env build tiny\n"
    assert script(tmp_path / "upload.zip").endswith(f"chmod -R go-rwx .\n{line}")
    definitions(tmp_path, monkeypatch, settings="python = '3.11'\n")
    build_zip("tiny", tmp_path / "older.zip")
    text = script(tmp_path / "older.zip")
    assert "install --yes --no-install-recommends python3.11-venv\nfi\n" in text
    assert text.endswith(line)
    subprocess.run(["bash", "-n"], input=text, text=True, check=True)


def script(archive: Path) -> str:
    with zipfile.ZipFile(archive) as file:
        return file.read("setup.sh").decode()


# with a copy of the platform, whose one environment this is


@pytest.fixture(scope="module")
def installed(sprint: Sprint, tiny_environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with its own copy of the platform, two sprints that name the environment, and a submission of one."""
    root = tmp_path_factory.mktemp("installed")
    left_out = shutil.ignore_patterns("__pycache__", *slugs(), "chainer")
    shutil.copytree(PACKAGE, root / "autograder", ignore=left_out)
    shutil.copytree(tiny_environment.definition, root / "autograder" / "environments" / NAME)
    for part in ("assignments", "autograder"):
        shutil.copytree(sprint.release.parents[2] / part, root / part, dirs_exist_ok=True)
    make_course(root)
    source = root / "source" / SLUG / f"{SLUG}.ipynb"
    nb = nbformat.read(source, as_version=4)
    nb.metadata.kernelspec["name"] = NAME
    nbformat.write(nb, source)
    ask(root, "-m", "nbgrader", "generate_assignment", SLUG)
    hand_in(root, "ada", solve_double=ANSWER)
    return root


def ask(root: Path, *arguments: str, status: int = 0, **variables: str) -> str:
    """Run Python in that course and return what it says."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("COURSE_", "NBGRADER_"))}
    seed = {"AUTOGRADER_SEED": "s", "AUTOGRADER_ROOT": str(root)}
    environment = kept | seed | {"PYTHONPATH": str(root), "JUPYTER_CONFIG_PATH": str(root)} | variables
    done = subprocess.run(
        [sys.executable, *arguments], cwd=root, env=environment, text=True, timeout=300, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == status, done.stdout
    return done.stdout


def points(root: Path) -> float:
    """What the submission's cell earned that only a kernel of the environment can run."""
    results = read_results(root / "course" / "results" / "ada" / SLUG / "results.json", SLUG)
    return next(cell.points for cell in results.cells if cell.id == "double")


def test_pytest_grades_it_there(installed: Path, tmp_path: Path) -> None:
    nbformat.write(submission(), tmp_path / "tiny.ipynb")
    plugin = ["--disable-plugin-autoload", "-p", "autograder.grading.plugin", "autograder/graders/tiny"]
    graders = {"AUTOGRADER_GRADERS": str(installed / "autograder" / "graders")}  # the other sprint's are in graders/
    said = ask(installed, "-m", "pytest", *plugin, f"--submission={tmp_path / 'tiny.ipynb'}", **graders)
    assert "9 passed" in said


def test_a_student_validates_it_there(installed: Path) -> None:
    """nbgrader's own command, with the kernel that the notebook asks for, which the configuration offers."""
    notebook = hand_in(installed, "eve", **ANSWERS | {"solve_double": ANSWER}) / f"{SLUG}.ipynb"
    (notebook.parent / "data.txt").write_text("released")
    assert "Success! Your notebook passes all the tests." in ask(installed, "-m", "nbgrader", "validate", str(notebook))
    shutil.rmtree(notebook.parents[1])


@pytest.mark.parametrize(
    "command", [("-m", "nbgrader", "autograde", SLUG, "--force"), ("-c", MAIN, "autograde", SLUG, "--workers=1")],
    ids=["nbgrader", "autograder"],
)  # fmt: skip
def test_a_class_is_graded_there_and_refused_where_it_is_not_built(
    command: tuple[str, ...], installed: Path, tmp_path: Path
) -> None:
    shutil.rmtree(installed / "course" / "results", ignore_errors=True)
    shutil.rmtree(installed / "course" / "autograded", ignore_errors=True)
    said = ask(installed, *command, status=1 if "nbgrader" in command else 3, AUTOGRADER_ENVIRONMENTS=str(tmp_path))
    assert "nothing was graded: the environment 'tiny' is not built here: run 'autograder env build tiny'" in said
    assert not (installed / "course" / "results").exists()
    ask(installed, *command, status=0 if "nbgrader" in command else 3)  # one test of this sprint has a fault
    assert points(installed) == 2
