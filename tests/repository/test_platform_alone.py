"""Does the platform grade a course of somebody else's: hidden tests outside of the package, and no frameworks?"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement

from autograder import doctor
from autograder.course.sprint import Sprint
from autograder.environments import lacking_for
from autograder.jail import bubblewrap
from tests.support import tiny
from tests.support.builders import code, notebook
from tests.support.own_course import make_course
from tests.support.paths import ROOT
from tests.support.wheels import build_wheel, copy_repository

MOST_MB = 450
NEEDY = code("import math\nimport no_such_framework.nn as nn\nfrom beside import table\n%matplotlib inline", "imports")
IMPORT_ALL = """
import importlib, pkgutil, sys
import autograder
names = [module.name for module in pkgutil.walk_packages(autograder.__path__, "autograder.")]
for name in names:
    importlib.import_module(name)
print(len(names), sorted({"tensorflow", "torch", "keras", "sklearn", "matplotlib"} & set(sys.modules)))
"""


# without the frameworks


def test_a_release_that_imports_what_is_missing_is_not_graded(tmp_path: Path) -> None:
    """Its student would lose every point by what is missing here."""
    release = tmp_path / "needy" / "needy.ipynb"
    release.parent.mkdir()
    (release.parent / "beside.py").touch()
    nbformat.write(
        notebook(NEEDY, code("try:\n    import no_such_either\nexcept ImportError:\n    pass", "maybe")), release
    )
    lacking = lacking_for(Sprint("needy", tmp_path, release))
    assert lacking is not None
    assert "'needy' imports what is not installed, no_such_framework: 'pip install'" in lacking


def test_doctor_knows_what_the_extra_installs(monkeypatch: pytest.MonkeyPatch) -> None:
    distributions = importlib.metadata.packages_distributions()
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["course"]
    known = {distributions[name][0].lower().replace("_", "-") for name in doctor.FRAMEWORKS}
    assert known == {Requirement(line).name for line in extra}
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "torch" else name)
    found = doctor._frameworks()
    assert (found.ok, found.needed) == (False, False)
    assert found.text.startswith("not installed: torch; ")


# installed, with nothing else


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the platform's wheel and what it requires."""
    folder = tmp_path_factory.mktemp("alone")
    wheel = build_wheel(copy_repository(folder / "repository"), folder / "dist")
    place = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True, timeout=120)
    before, started = size(place), time.monotonic()
    command = [place / "bin" / "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", wheel]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    megabytes = (size(place) - before) / 1e6
    print(f"installed in {time.monotonic() - started:.0f} s, {megabytes:.0f} MB")
    assert megabytes < MOST_MB
    return place


def size(folder: Path) -> int:
    """Of its files, in bytes; what a disk takes for them depends on the disk."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def run(alone: Path, tmp_path: Path) -> Run:
    """A command of that environment, in the course's folder unless another is given, with nothing of this one's."""
    course = make_course(tmp_path / "course")

    def run(*command: object, cwd: Path = course, status: int = 0) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
        sandbox = "off" if bubblewrap.missing() else "required"
        environment = kept | {"PATH": f"{alone / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path), "COLUMNS": "200"}
        done = subprocess.run(
            [*map(str, command)], cwd=cwd, env=environment | {"AUTOGRADER_SANDBOX": sandbox},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        return done

    return run


def hand_in(course: Path) -> None:
    """A right notebook and one with nothing for the first task, as collected submissions."""
    for student, answers in (("ada", tiny.ANSWERS), ("bob", ("", *tiny.ANSWERS[1:]))):
        path = course / "course" / "submitted" / student / "tiny" / "tiny.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(tiny.submission(*answers), path)


def scores(course: Path) -> dict[str, tuple[float, str]]:
    found = {}
    for path in (course / "course" / "results").glob("*/tiny/results.json"):
        document = json.loads(path.read_text())
        found[path.parts[-3]] = (document["score"], document["status"])
    return found


@pytest.mark.slow
def test_everything_can_be_imported_where_no_framework_is(run: Run, alone: Path) -> None:
    installed = run(alone / "bin" / "pip", "list", "--format=freeze").stdout.lower()
    assert not re.search(r"^(tensorflow|torch|keras|scikit-learn|matplotlib)\b(?!-inline)", installed, re.MULTILINE)
    number, present = run("python", "-c", IMPORT_ALL).stdout.split(maxsplit=1)
    assert int(number) > 100
    assert present.strip() == "[]"
    assert (alone / "share" / "jupyter" / "kernels" / "autograder-jail" / "kernel.json").is_file()
    assert not list(alone.rglob("graders"))


@pytest.mark.slow
def test_the_installed_command_grades_a_right_and_a_wrong_notebook(run: Run, tmp_path: Path) -> None:
    hand_in(tmp_path / "course")
    for student, points, status in (("ada", 7, 0), ("bob", 4, 1)):
        path = tmp_path / "course" / "course" / "submitted" / student / "tiny" / "tiny.ipynb"
        done = run("autograder", "grade", path, "--minimum", "60", status=status)
        assert done.stdout.splitlines()[-1] == f"{points}/7  graded"
        assert ("sandbox" in done.stderr) == (bubblewrap.missing() is not None), done.stderr
    settings = run("python", "-c", "from autograder.grading.engine import INI; print(INI)").stdout.strip()
    results = tmp_path / "results.json"
    run("pytest", "graders/tiny", "-c", settings, f"--submission={path}", f"--results={results}", status=1)
    assert json.loads(results.read_text())["score"] == 4


@pytest.mark.slow
def test_nbgrader_grades_them_too_and_so_does_a_whole_class(run: Run, tmp_path: Path) -> None:
    course = tmp_path / "course"
    hand_in(course)
    run("nbgrader", "generate_assignment", "tiny", "--force")
    run("nbgrader", "autograde", "tiny")
    assert scores(course) == {"ada": (7, "graded"), "bob": (4, "graded")}
    said = run("autograder", "autograde", "tiny", "--force", "--workers", "2").stdout
    assert said.splitlines()[-1].startswith("2 graded, 0 pending, 0 broken, 0 failed")
    assert scores(course) == {"ada": (7, "graded"), "bob": (4, "graded")}


@pytest.mark.slow
def test_what_is_missing_is_said_in_one_line(run: Run, tmp_path: Path) -> None:
    """No hidden tests, no course, a sprint that needs a framework."""
    path = tmp_path / "tiny.ipynb"
    nbformat.write(tiny.submission(*tiny.ANSWERS), path)
    said = run("autograder", "grade", path, cwd=tmp_path, status=2).stderr
    assert said.startswith("autograder: no hidden tests in ")
    assert said.count("\n") == 1
    assert "is no course" in run("autograder", "new-sprint", "mine", cwd=tmp_path, status=2).stderr
    course = tmp_path / "course"
    release = course / "assignments" / "tiny" / "tiny.ipynb"
    needy = nbformat.read(release, as_version=4)
    needy.cells[0].source = "import torch"
    nbformat.write(needy, release)
    said = run("autograder", "grade", path, status=3).stderr
    assert said.count("\n") == 1
    assert "imports what is not installed, torch: " in said
    assert re.search("^none    frameworks: not installed: .*torch", run("autograder", "doctor").stdout, re.MULTILINE)
