"""A class to grade: submissions made from the reference, other right solutions and wrong ones.

Each submission comes with the score it should get.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import nbformat
from measure import measure
from nbformat import NotebookNode
from one_notebook import OURS_CONFIG, environment

from autograder.audit.structure import hidden_tests
from autograder.authoring.variants import Variant, chaffs, fill, reference, wheats
from autograder.course.sprint import Sprint, project_root

TIME = "2026-02-02 15:58:23.948203 UTC"


@dataclass(frozen=True)
class Handed:
    """A submission: the student, the variant it is made from, the notebook, and the score it should get."""

    student: str
    made_from: str
    notebook: NotebookNode
    due: float


def points_of(sprint: Sprint) -> dict[str, float]:
    """The points of each hidden test, by name, like ``test_cell.py::test_name``."""
    files = sorted(sprint.graders.glob("test_*.py"))
    return {test.name: test.points for file in files for test in hidden_tests(file)}


def submissions(sprint: Sprint, count: int) -> Iterator[Handed]:
    """``count`` submissions, alternately right and wrong, going through all variants in turn."""
    released, points = nbformat.read(sprint.release, as_version=4), points_of(sprint)
    solution = reference(sprint.slug)
    right: list[Variant] = [solution, *wheats(sprint.slug)]
    both = (variant for pair in zip(cycle(right), cycle(chaffs(sprint.slug)), strict=False) for variant in pair)
    for number, variant in enumerate(islice(both, count)):
        due = sum(points.values()) - sum(points[name] for name in variant.caught_by)
        yield Handed(f"student{number:05}", variant.name, fill(released, solution, variant), due)


def make_course(sprint: Sprint, course: Path, handed: list[Handed]) -> Path:
    """Make a course of this project with these submissions collected."""
    slug = sprint.slug
    source = course / "source" / slug
    source.mkdir(parents=True)
    for file in (project_root() / "source" / slug).iterdir():
        (source / file.name).write_bytes(file.read_bytes())
    (course / "nbgrader_config.py").write_text(OURS_CONFIG.format(course=str(course)))
    measure([sys.executable, "-m", "nbgrader", "generate_assignment", slug], course, environment())
    for one in handed:
        hand_in(course / "course" / "submitted" / one.student / slug, f"{slug}.ipynb", one.notebook)
    return course


def hand_in(folder: Path, name: str, notebook: NotebookNode) -> None:
    """Put a submission where `nbgrader collect` would put it."""
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / name)
    (folder / "timestamp.txt").write_text(TIME)
