"""What is in the assignments of an nbgrader course: notebooks, cells, points, hidden tests in cells, kernels."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests

from autograder.notebook.cells import grade_id, is_answer, is_graded, is_task, is_tested, is_written_answer, settings

KERNELS = ("python3", "python", "")


@dataclass(frozen=True)
class Notebook:
    """The instructor's form of a notebook.

    Attributes
    ----------
    name
        its name, without ``.ipynb``
    answers, tests, by_hand
        how many cells students write in, tests grade, and persons grade
    hidden
        in how many cells hidden tests stand between nbgrader's marks
    points
        what it is worth
    trouble
        what nbgrader or the platform will stumble over; empty if nothing
    """

    name: str
    answers: int = 0
    tests: int = 0
    by_hand: int = 0
    hidden: int = 0
    points: float = 0
    trouble: str = ""


@dataclass(frozen=True)
class Assignment:
    """An assignment: its name, its notebooks, and whether it is released."""

    name: str
    notebooks: tuple[Notebook, ...]
    released: bool


def assignments(coursedir: Any) -> Iterator[Assignment]:
    """The assignments in a course directory's source folder; if it has none, those in its release folder."""
    source, release = (_folders(coursedir, step) for step in (coursedir.source_directory, coursedir.release_directory))
    begins = ClearHiddenTests(parent=coursedir).begin_test_delimeter
    for name, folder in (source or release).items():
        notebooks = [_notebook(path, begins) for path in sorted(folder.glob("*.ipynb"))]
        yield Assignment(name, tuple(notebooks), name in release)


def _folders(coursedir: Any, step: str) -> dict[str, Path]:
    """The folders with notebooks in one of nbgrader's steps, by assignment."""
    structure = coursedir.directory_structure
    shape = os.path.normpath(structure.format(nbgrader_step=step, student_id=".", assignment_id="*"))
    name = re.compile(re.escape(shape).replace(r"\*", "(.*)"))
    found = {}
    for path in sorted(glob.glob(shape, root_dir=coursedir.root)):
        folder, named = Path(coursedir.root, path), name.fullmatch(path)
        if named and any(folder.glob("*.ipynb")):
            found[named[1]] = folder
    return found


def _notebook(path: Path, begins: str) -> Notebook:
    try:
        return _counted(path.stem, nbformat.read(path, as_version=4), begins)
    except Exception as error:  # nbformat raises whatever its parser does, and settings may have any type
        return Notebook(path.stem, trouble=f"cannot be read ({' '.join(str(error).split())[:80]})")


def _counted(name: str, notebook: NotebookNode, begins: str) -> Notebook:
    cells = [cell for cell in notebook.cells if settings(cell)]
    return Notebook(
        name=name,
        answers=sum(map(is_answer, cells)),
        tests=sum(map(is_tested, cells)),
        by_hand=sum(is_written_answer(cell) or is_task(cell) for cell in cells),
        hidden=sum(begins in cell.source for cell in notebook.cells),
        points=sum(float(settings(cell).get("points") or 0) for cell in cells if is_graded(cell) or is_task(cell)),
        trouble=_trouble(notebook, cells),
    )


def _trouble(notebook: NotebookNode, cells: list[NotebookNode]) -> str:
    """What the instructor has to know before a class is graded; empty if nothing."""
    names = [grade_id(cell) for cell in cells]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    old = [cell for cell in cells if settings(cell).get("schema_version") != 3]
    kernel = str(notebook.metadata.get("kernelspec", {}).get("name", ""))
    if twice:
        return f"two cells are named {', '.join(twice)}"
    if old:
        return "its cells have an older format of nbgrader's: run 'nbgrader update'"
    if kernel not in KERNELS:
        return f"its kernel is {kernel}"
    return ""
