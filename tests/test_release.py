"""Is what students get exactly what the source makes, and free of everything hidden?"""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

import nbformat
import pytest
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveCells
from traitlets.config import Config

from autograder.bridge.config import configure_grading
from autograder.course.sprint import GRADERS, slugs

ROOT = Path(__file__).resolve().parents[1]
RELEASED = sorted(path.name for path in (ROOT / "assignments").glob("*") if path.is_dir())


def generate(slug: str, target: Path) -> None:
    """What `nbgrader generate_assignment` does, into another folder and without the gradebook."""
    config = Config()
    configure_grading(config)
    config.GenerateAssignment.preprocessors = [
        part for part in config.GenerateAssignment.preprocessors if part is not SaveCells
    ]
    config.GenerateAssignment.no_database = True
    coursedir = CourseDirectory(root=str(ROOT), release_directory=str(target), assignment_id=slug)
    coursedir.notebook_id = "*"
    GenerateAssignment(coursedir=coursedir, config=config).start()


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    }


def test_every_sprint_is_released():
    assert slugs() == RELEASED


@pytest.mark.parametrize("slug", RELEASED)
def test_the_release_is_not_stale(slug, tmp_path, monkeypatch):
    """Is assignments/ what source/ makes? If not: make release."""
    monkeypatch.delenv("COURSE_LANGUAGE", raising=False)
    monkeypatch.chdir(ROOT)
    generate(slug, tmp_path)
    assert files(ROOT / "assignments" / slug) == files(tmp_path / slug)


@pytest.mark.parametrize("slug", RELEASED)
def test_nothing_hidden_is_released(slug):
    """Is no line of a hidden test, no expected value and no solution in what students get?"""
    texts = {name: data.decode() for name, data in files(ROOT / "assignments" / slug).items()}
    nb = nbformat.read(ROOT / "assignments" / slug / f"{slug}.ipynb", as_version=4)
    public = "\n".join([*texts.values(), *(cell.source for cell in nb.cells)])
    hidden = hidden_lines(GRADERS / slug) | solution_lines(ROOT / "source" / slug / f"{slug}.ipynb")
    assert sorted(line for line in hidden if line in public) == []
    assert "BEGIN SOLUTION" not in public
    assert "jupytext" not in public


def hidden_lines(folder: Path) -> set[str]:
    """Lines of the graders' code, and the numbers in it that nobody writes by chance.

    The properties they test are no secret: feedback and the text of a task may name them in the same words.
    """
    found = set()
    for path in folder.rglob("*.py"):
        lines = path.read_text().splitlines()
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):  # a docstring
                lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
            if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and len(repr(node.value)) >= 6:
                found.add(repr(node.value))
        found |= {line.strip() for line in lines if telling(line)}
    return found


def solution_lines(path: Path) -> set[str]:
    """Lines between the solution markers of the instructor's notebook that nothing public repeats."""
    cells = nbformat.read(path, as_version=4).cells
    solutions, public = [], []
    for cell in cells:
        parts = re.split(r"### BEGIN SOLUTION(.*?)### END SOLUTION", cell.source, flags=re.DOTALL)
        solutions += parts[1::2]
        public += parts[::2]
    lines = {line.strip() for part in solutions for line in part.splitlines() if telling(line)}
    return {line for line in lines if not any(line in part for part in public)}


def telling(line: str) -> bool:
    """Whether a line is code that would give something away; imports, signatures and short ones would not."""
    line = line.strip()
    everyday = line.startswith(("import ", "from ", "#", "@", "def ", "class "))
    return len(line) >= 30 and ("(" in line or "=" in line) and not everyday


def test_the_comparison_sees_a_stale_file(tmp_path):
    """Would a release that differs in one byte be noticed?"""
    (tmp_path / "a").write_bytes(b"1")
    before = files(tmp_path)
    (tmp_path / "a").write_bytes(b"2")
    assert files(tmp_path) != before
    os.remove(tmp_path / "a")
    assert files(tmp_path) != before
