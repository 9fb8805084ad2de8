"""Does the zip grade a submission where Gradescope puts it, with everything it needs and nothing more?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.variants import fill, reference
from autograder.classroom.gradescope_zip import build_zip, find_notebook
from autograder.course.sprint import PACKAGE, find_sprint, project_root, slugs
from autograder.errors import BadInput

SLUG = "define_by_run"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("zip") / "upload.zip"
    build_zip(SLUG, path, os.environ.get("AUTOGRADER_SANDBOX", "required"))
    return path


@pytest.fixture
def gradescope(archive: Path, tmp_path: Path) -> Path:
    """An empty directory laid out as the documentation says, with this environment where setup.sh makes one."""
    home = tmp_path / "autograder"
    for name in ("source", "submission", "results"):
        (home / name).mkdir(parents=True)
    with zipfile.ZipFile(archive) as file:
        for info in file.infolist():
            Path(file.extract(info, home / "source")).chmod(info.external_attr >> 16)
    shutil.copy(home / "source" / "run_autograder", home / "run_autograder")
    python = home / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return home


def run(home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **environment}
    return subprocess.run(["./run_autograder"], cwd=home, env=env, capture_output=True, text=True, timeout=300)


def test_a_right_solution_gets_full_marks(gradescope: Path) -> None:
    """Is it graded by the graders in the zip, in an environment without a course?"""
    released = nbformat.read(find_sprint(SLUG).release, as_version=4)
    solved = fill(released, reference(SLUG, project_root()))
    nbformat.write(solved, gradescope / "submission" / f"{SLUG}.ipynb")
    done = run(gradescope)
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads((gradescope / "results" / "results.json").read_text())
    assert (document["score"], document["output"]) == (40.0, ""), done.stdout + done.stderr
    assert all(test["status"] == "passed" for test in document["tests"])
    assert sum(test["max_score"] for test in document["tests"]) == 40.0


def test_no_notebook_is_0_with_the_reason(gradescope: Path) -> None:
    (gradescope / "submission" / "essay.txt").write_text("sorry")
    assert run(gradescope).returncode == 0
    document = json.loads((gradescope / "results" / "results.json").read_text())
    assert (document["score"], document["output"][:11]) == (0.0, "no notebook")


def test_without_the_sandbox_nothing_is_graded(gradescope: Path) -> None:
    """Does it fail with one clear line, and leave no result?"""
    script = gradescope / "run_autograder"
    script.write_text(script.read_text().replace("AUTOGRADER_SANDBOX=", "AUTOGRADER_SANDBOX=required #"))
    shutil.copy(find_sprint(SLUG).release, gradescope / "submission" / "mine.ipynb")
    no_bwrap = gradescope / "source" / "autograder" / "jail" / "bubblewrap.py"
    no_bwrap.write_text(no_bwrap.read_text() + "\n\ndef missing():\n    return 'this container has no namespaces'\n")
    done = run(gradescope)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("autograder: nothing was graded: the sandbox is required")
    assert not (gradescope / "results" / "results.json").exists()


def test_what_the_zip_holds(archive: Path) -> None:
    """Are the two scripts at its root, and is nothing of another sprint or of the solutions in it?"""
    with zipfile.ZipFile(archive) as file:
        names = file.namelist()
        scripts = {info.filename: info.external_attr >> 16 for info in file.infolist()[:2]}
        sources = b"".join(file.read(name) for name in names)
    assert scripts == {"setup.sh": 0o755, "run_autograder": 0o755}
    for other in set(slugs()) - {SLUG}:
        assert not [name for name in names if other in name]
    assert f"autograder/graders/{SLUG}/test_backward.py" in names
    assert not [
        name for name in names if name.startswith(("reference/", "source/", "course/g")) or "__pycache__" in name
    ]
    assert str(PACKAGE.parent).encode() not in sources


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_the_scripts_are_bash(archive: Path, script: str) -> None:
    with zipfile.ZipFile(archive) as file:
        text = file.read(script)
    assert text.startswith(b"#!/usr/bin/env bash\n")
    assert b"{{" not in text
    subprocess.run(["bash", "-n"], input=text, check=True)


def test_the_same_course_makes_the_same_zip(archive: Path, tmp_path: Path) -> None:
    build_zip(SLUG, tmp_path / "again.zip", os.environ.get("AUTOGRADER_SANDBOX", "required"))
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_an_unknown_sprint(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="unknown sprint"):
        build_zip("nothing", tmp_path / "x.zip")


def test_which_notebook(tmp_path: Path) -> None:
    """Is it the one of that name wherever it lies, or the only one, and never a link?"""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.ipynb").touch()
    (tmp_path / "link.ipynb").symlink_to("/etc/passwd")
    assert find_notebook(tmp_path, "two.ipynb") == tmp_path / "a" / "x.ipynb"
    (tmp_path / "a" / "y.ipynb").touch()
    with pytest.raises(BadInput, match="2 notebooks"):
        find_notebook(tmp_path, "two.ipynb")
    (tmp_path / "a" / "two.ipynb").touch()
    assert find_notebook(tmp_path, "two.ipynb") == tmp_path / "a" / "two.ipynb"
