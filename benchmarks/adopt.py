"""How long it takes an instructor to adopt a course that exists, from an empty environment to a graded class.

``python benchmarks/adopt.py [--students 20]`` builds the platform's wheel, and lets nbgrader make its own example
course with a collected class. Then it goes the instructor's way: a new environment, ``pip install``, ``autograder
adopt``, ``doctor``, ``autograde``, feedback. It prints the seconds of each step and of typing its command, at 200
characters a minute, and how many scores differ from those that nbgrader alone gives to a copy of the same class.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = "ps1"
CHARACTERS_A_MINUTE = 200
ANSWERS = (
    "def squares(n):\n    if n < 1:\n        raise ValueError('n')\n    return [i**2 for i in range(1, n + 1)]",
    "def squares(n):\n    return [i**2 for i in range(1, n + 1)]",
    "def squares(n):\n    return [i**2 for i in range(n)]",
    "raise NotImplementedError()",
)
"""What the students write into the first answer, in turn."""


def main() -> None:
    """Go the way and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--students", type=int, default=20)
    students = parser.parse_args().students
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        wheel = _wheel(folder)
        course, stock = folder / "kettles", folder / "stock"
        _make_class(course, students)
        shutil.copytree(course, stock)
        table = Table("step", "seconds", "typing", title=f"nbgrader's example course, {students} students")
        total = typed = 0.0
        for command in _way(wheel):
            took, typing = _seconds(command, course), 60 * len(command) / CHARACTERS_A_MINUTE
            total, typed = total + took, typed + typing
            table.add_row(command.replace(str(wheel.parent), "dist"), f"{took:.0f}", f"{typing:.0f}")
        table.add_row("all", f"{total:.0f}", f"{typed:.0f}", style="bold")
        console.print(table)
        console.print(f"minutes to a graded class: {(total + typed) / 60:.1f}, of which typing {typed / 60:.1f}")
        _seconds(f"{sys.executable} -m nbgrader autograde {ASSIGNMENT}", stock)
        ours, theirs = _scores(course), _scores(stock)
        differ = sum(ours.get(cell) != score for cell, score in theirs.items())
        console.print(f"scores that differ from nbgrader's alone: {differ} of {len(theirs)}")


def _way(wheel: Path) -> list[str]:
    """What the instructor types, in the course's folder."""
    python = shlex.quote(sys.executable)
    install = f"pip install --quiet --constraint {ROOT / 'constraints.txt'} {wheel}"
    return [
        f"{python} -m venv .venv",
        f". .venv/bin/activate; {install}",
        ". .venv/bin/activate; autograder adopt --yes",
        ". .venv/bin/activate; autograder doctor",
        f". .venv/bin/activate; autograder autograde {ASSIGNMENT}",
        f". .venv/bin/activate; nbgrader generate_feedback {ASSIGNMENT}",
    ]


def _wheel(folder: Path) -> Path:
    """The platform's wheel: built from a copy, because a build leaves files behind."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        target = folder / "repository" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target, follow_symlinks=False)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", "dist", "./repository"]
    subprocess.run(build, cwd=folder, check=True)
    return next((folder / "dist").glob("*.whl"))


def _make_class(course: Path, students: int) -> None:
    """nbgrader's example course, released, with submissions that have been collected."""
    nbgrader = [sys.executable, "-m", "nbgrader"]
    quiet: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([*nbgrader, "quickstart", course.name], cwd=course.parent, **quiet)
    subprocess.run([*nbgrader, "generate_assignment", ASSIGNMENT], cwd=course, **quiet)
    for number in range(students):
        target = course / "submitted" / f"student{number:03}" / ASSIGNMENT
        shutil.copytree(course / "release" / ASSIGNMENT, target)
        path = target / "problem1.ipynb"
        notebook = nbformat.read(path, as_version=4)
        answer = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "squares")
        answer.source = ANSWERS[number % len(ANSWERS)]
        nbformat.write(notebook, path)


def _seconds(command: str, course: Path) -> float:
    """Run a command as a shell does; how long it took."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith(("AUTOGRADER_", "COURSE_"))}
    began = time.monotonic()
    done = subprocess.run(command, shell=True, cwd=course, env=clean, capture_output=True, text=True, check=False)
    if done.returncode and " doctor" not in command:  # which says what else could be there
        sys.exit(f"{command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.monotonic() - began


def _scores(course: Path) -> dict[tuple[str, str, str], float]:
    """What the gradebook says of each cell."""
    with Gradebook(f"sqlite:///{course}/gradebook.db", "kettles") as gradebook:
        return {
            (student.student_id, book.name, grade.name): grade.auto_score
            for student in gradebook.assignment_submissions(ASSIGNMENT)
            for book in student.notebooks
            for grade in book.grades
        }


if __name__ == "__main__":
    main()
