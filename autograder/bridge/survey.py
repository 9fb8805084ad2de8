"""What is in the assignments of an nbgrader course: notebooks, cells, points, hidden tests in cells, kernels."""

from __future__ import annotations

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
    source, release = (Path(coursedir.format_path(step, ".", ".")) for step in _steps(coursedir))
    begins = ClearHiddenTests(parent=coursedir).begin_test_delimeter
    folders = _folders(source) or _folders(release)
    for folder in folders:
        notebooks = [_notebook(path, begins) for path in sorted(folder.glob("*.ipynb"))]
        yield Assignment(folder.name, tuple(notebooks), (release / folder.name).is_dir())


def _steps(coursedir: Any) -> tuple[str, str]:
    return str(coursedir.source_directory), str(coursedir.release_directory)


def _folders(place: Path) -> list[Path]:
    """The folders with notebooks."""
    return [folder for folder in sorted(place.glob("*")) if any(folder.glob("*.ipynb"))]


def _notebook(path: Path, begins: str) -> Notebook:
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises whatever its parser does
        return Notebook(path.stem, trouble=f"cannot be read ({' '.join(str(error).split())[:80]})")
    cells = [cell for cell in notebook.cells if settings(cell)]
    return Notebook(
        name=path.stem,
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
