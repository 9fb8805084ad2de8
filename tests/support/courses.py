"""A throw-away course with one sprint of its own, and nbgrader's commands on it."""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import dedent

import nbformat
from nbformat import NotebookNode

from autograder.notebook.cells import grade_id
from tests.support.builders import code, graded, locked, notebook, solution, text
from tests.support.forked import forked
from tests.support.paths import ROOT

SLUG = "doubling"
NOTEBOOK = f"{SLUG}.ipynb"
TIME = "2026-02-02 15:58:23.948203 UTC"

CONFIG = """
from pathlib import Path
from autograder.bridge.config import configure

c = get_config()
configure(c, Path(__file__).resolve().parent)
c.HiddenGraders.directory = str(Path(__file__).resolve().parent / "graders")
c.GenerateFeedback.force = True
"""
GRADERS = {
    "double": '''
        import pytest
        from autograder.grading import check, value

        @pytest.mark.points(1.5)
        def test_of_a_number(student, rng):
            """Twice a number is the number added to itself.

            Hint: multiply.
            """
            secret_input = float(rng.integers(1000, 2000))
            check(value(student.double(secret_input)) == 2 * secret_input, "double(x) is x + x")

        @pytest.mark.points(0.5)
        def test_of_nothing(student):
            """Twice nothing is nothing."""
            check(value(student.double(0)) == 0, "double(0) is 0")
    ''',
    "half": '''
        import pytest
        from autograder.grading import check, value

        @pytest.mark.points(1)
        def test_half(student):
            """Half of a number, doubled, is the number."""
            check(value(student.half(123456)) == 61728, "half(x) + half(x) is x")
    ''',
    "on_gpu": '''
        import pytest

        @pytest.mark.points(1)
        def test_gpu(student):
            """It is computed on the GPU."""
            pytest.skip("as on a machine without a GPU")
    ''',
    "faulty": '''
        import pytest

        @pytest.mark.points(1)
        def test_faulty(student):
            """The grader has a fault."""
            raise RuntimeError("61728")
    ''',
}
ANSWERS = {"solve_double": "def double(x): return 2 * x", "solve_half": "def half(x): return x / 2"}
HIDDEN = ("secret_input", "61728", "rng.integers", "solved by the instructor")


def make_course(root: Path) -> None:
    """Configuration, source notebook with its data, and hidden graders."""
    (root / "nbgrader_config.py").write_text(CONFIG)
    source = root / "source" / SLUG
    source.mkdir(parents=True)
    (source / "data.txt").write_text("released")
    answer = "def {0}(x):\n    ### BEGIN SOLUTION\n    return {1}  # solved by the instructor\n    ### END SOLUTION"
    nb = notebook(
        text("# Doubling", "title-en", tags=["lang-en"]),
        text("# 倍", "title-ja", tags=["lang-ja"]),
        locked("imports", "import sys"),
        solution("solve_double", answer.format("double", "x + x")),
        graded("double", 2, "assert double(2) == 4"),
        solution("solve_half", answer.format("half", "x / 2")),
        graded("half", 1, "assert half(2) == 1"),
        graded("stock", 1, "assert open('data.txt').read() == 'released'"),
        graded("on_gpu", 1, "pass"),
        graded("faulty", 1, "pass"),
        code("print('the end')", "end"),
    )
    nbformat.write(nb, source / f"{SLUG}.ipynb")
    graders = root / "graders" / SLUG
    graders.mkdir(parents=True)
    for cell, tests in GRADERS.items():
        (graders / f"test_{cell}.py").write_text(dedent(tests))


def release_plain_course(root: Path) -> None:
    """The course without the tests that are broken or wait for a GPU, released."""
    make_course(root)
    for cell in ("faulty", "on_gpu"):
        (root / "graders" / SLUG / f"test_{cell}.py").unlink()
    command(root, "generate_assignment", SLUG)


def answer(nb: NotebookNode, **answers: str) -> NotebookNode:
    """Write answers into a released notebook."""
    for cell in nb.cells:
        cell.source = answers.get(grade_id(cell) or "", cell.source)
    return nb


def command(root: Path, *arguments: str, cwd: Path | None = None, status: int | None = 0) -> str:
    """Run a command of nbgrader's in a course as an instructor or a student would; return what it says."""
    return python(root, "-m", "nbgrader", *arguments, cwd=cwd, status=status)


def python(root: Path, *arguments: str, cwd: Path | None = None, status: int | None = 0) -> str:
    """Run Python where nbgrader finds the course's configuration; return what it says."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path, "JUPYTER_CONFIG_PATH": str(root)}
    for name in list(environment):
        if name.startswith(("COURSE_", "NBGRADER_")) or name == "AUTOGRADER_ROOT":
            del environment[name]
    code, said = forked(arguments, cwd or root, environment, timeout=300)
    assert status in (None, code), said
    return said


def inbound(root: Path, student: str, name: str = f"{SLUG}.ipynb") -> Path:
    """Where a student's notebook lies in the exchange once it is submitted; the folder is made."""
    folder = root / "course" / "exchange" / "dl-frameworks" / "inbound" / f"{student}+{SLUG}+{TIME}+random"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text(TIME)
    return folder / name
