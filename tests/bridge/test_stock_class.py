"""Does a class without hidden graders get through, whatever its notebooks do, and is who needs a look named?"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support import stock_courses
from tests.support.courses import TIME, command
from tests.support.jails import needs_sandbox
from tests.support.stock_courses import MAIN, SLUG, STUDENTS, graded_notebook, scores

pytestmark = needs_sandbox
WRITES = """
for name in ("timestamp.txt", "submission_secret.txt", "main.ipynb", "second.ipynb", "data.txt"):
    open(name, "w").write("forged")
def noise(x): pass
"""
CLASS = {
    "dies": STUDENTS["right"] | {"solve_noise": "def noise(x): os._exit(1)"},
    "linked": STUDENTS["right"],
    "links": STUDENTS["right"] | {"solve_noise": "print(sorted(os.listdir('.')))\ndef noise(x): pass"},
    "right": STUDENTS["right"],
    "writes": STUDENTS["right"] | {"solve_noise": WRITES},
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class, not graded yet."""
    folder = tmp_path_factory.mktemp("class")
    stock_courses.make(folder, ours=True, more="c.GradeNotebook.sandbox = 'required'\n", students=CLASS)
    submitted = folder / "course" / "submitted"
    (submitted / "links" / SLUG / "link").symlink_to(folder / "course" / "gradebook.db")
    (submitted / "linked" / SLUG / f"{MAIN}.ipynb").unlink()
    (submitted / "linked" / SLUG / f"{MAIN}.ipynb").symlink_to(submitted / "right" / SLUG / f"{MAIN}.ipynb")
    return folder


@pytest.fixture(scope="module")
def said(root: Path) -> str:
    """What the command says that grades it; its exit code is nbgrader's, for which one submission counts."""
    return command(root, "autograde", SLUG, status=1)


def cell(root: Path, student: str, name: str) -> float:
    return float(scores(root)[student, MAIN, name][0])


def test_who_died_keeps_the_points_before_and_needs_a_look(root: Path, said: str) -> None:
    assert [cell(root, "dies", name) for name in ("double", "part", "quiet", "last")] == [2, 3, 0, 0]
    assert "who needs a look (2)" in said
    assert "dies: notebook main: the kernel died in cell 9; the cells after it were not run" in said
    outputs = [output for one in graded_notebook(root, "dies").cells for output in one.get("outputs", [])]
    errors = [output.ename for output in outputs if output.output_type == "error"]
    assert errors[0] == "KernelDied"
    assert set(errors[1:]) == {"NotRun"}


def test_the_others_keep_theirs(root: Path, said: str) -> None:
    for student in ("links", "right", "writes"):
        assert [cell(root, student, name) for name in ("double", "part", "quiet", "last")] == [2, 3, 1, 1], student


def test_no_notebook_writes_what_is_the_platforms(root: Path, said: str) -> None:
    folder = root / "course" / "autograded" / "writes" / SLUG
    assert (folder / "timestamp.txt").read_text() == TIME
    assert not (folder / "submission_secret.txt").exists()
    assert (folder / "data.txt").read_text() == "forged", "what it may write is where nbgrader leaves it"
    assert graded_notebook(root, "writes").cells


def test_a_link_leads_nowhere(root: Path, said: str) -> None:
    folder = root / "course" / "autograded" / "links" / SLUG
    assert "link" not in os.listdir(folder)
    assert "'link'" not in str(graded_notebook(root, "links"))
    assert "'helper.py'" in str(graded_notebook(root, "links")), "it has looked"


def test_a_notebook_that_is_a_link_is_not_graded(root: Path, said: str) -> None:
    """It may be another student's, or the instructor's; nbgrader reads whatever it leads to."""
    assert f"linked: was not graded ({MAIN}.ipynb is a link, and what it leads to is not graded)" in said
    assert not (root / "course" / "autograded" / "linked" / SLUG / f"{MAIN}.ipynb").exists()
    assert not [row for key, row in scores(root).items() if key[:2] == ("linked", MAIN) and float(row[0] or 0)]


def test_without_the_sandbox_nothing_is_graded_but_by_choice(root: Path, said: str, tmp_path: Path) -> None:
    """Not even what has no hidden graders."""
    missing = "from autograder.jail import bubblewrap\nbubblewrap.missing = lambda: 'bubblewrap is missing'\n"
    shutil.copytree(root, tmp_path, dirs_exist_ok=True)
    config = (root / "nbgrader_config.py").read_text()
    (tmp_path / "nbgrader_config.py").write_text(missing + config)
    before = (tmp_path / "course" / "autograded" / "right" / SLUG / "main.ipynb").read_bytes()
    refused = command(tmp_path, "autograde", SLUG, "--student=right", "--force", status=1)
    assert "nothing was graded: the sandbox is required but not available: bubblewrap is missing" in refused
    assert "Traceback" not in refused
    assert (tmp_path / "course" / "autograded" / "right" / SLUG / "main.ipynb").read_bytes() == before
    (tmp_path / "nbgrader_config.py").write_text(missing + config.replace("'required'", "'preferred'"))
    warned = command(tmp_path, "autograde", SLUG, "--student=right", "--force", "--notebook=main")
    assert warned.count("sandbox: none, the notebook could read what you can read") == 1


def test_what_is_not_executed_needs_no_sandbox(root: Path, said: str, tmp_path: Path) -> None:
    missing = "from autograder.jail import bubblewrap\nbubblewrap.missing = lambda: 'bubblewrap is missing'\n"
    shutil.copytree(root, tmp_path, dirs_exist_ok=True)
    (tmp_path / "nbgrader_config.py").write_text(missing + (root / "nbgrader_config.py").read_text())
    command(tmp_path, "autograde", SLUG, "--student=right", "--force", "--no-execute")


def test_the_instructors_solution_is_executed_by_the_policy(root: Path) -> None:
    said = command(root, "generate_solution", SLUG, status=None)
    assert "could read what you can read" not in said
    nb = (root / "course" / "solution" / SLUG / "main.ipynb").read_text()
    assert "KeyError" in nb, "it was executed"
