"""What students do to their notebooks without meaning to: right work keeps its points, and what is odd is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.notebook.cells import grade_id
from tests.support.classes import graded_by
from tests.support.courses import ANSWERS, NOTEBOOK, SLUG, TIME, answer, command, release_plain_course

FULL, NOTHING = 6, 3
"""The points of right work, and of the released notebook: three of its cells ask nothing of the student."""


def place(nb: NotebookNode, name: str) -> int:
    return next(i for i, cell in enumerate(nb.cells) if grade_id(cell) == name)


def both_in_one_cell(nb: NotebookNode) -> None:
    """Both answers in the first answer's cell; the second cell is deleted."""
    nb.cells[place(nb, "solve_double")].source = "\n".join(ANSWERS.values())
    del nb.cells[place(nb, "solve_half")]


def copied_stub_below(released: NotebookNode) -> Callable[[NotebookNode], None]:
    """The untouched cell, copied before the work began, was left below the test."""

    def change(nb: NotebookNode) -> None:
        stub = copy.deepcopy(released.cells[place(released, "solve_double")])
        stub.id = "copied"
        nb.cells.insert(place(nb, "double") + 1, stub)

    return change


def in_a_new_cell(nb: NotebookNode) -> None:
    """The answer's cell is deleted, and the answer written into a new one."""
    nb.cells[place(nb, "solve_half")] = nbformat.v4.new_code_cell(ANSWERS["solve_half"])


def nothing_but_text(nb: NotebookNode) -> None:
    """A tool has dropped metadata and ids, and added a line to each text."""
    for number, cell in enumerate(nb.cells):
        cell.metadata, cell.id = NotebookNode(), f"new-{number}"
        if cell.cell_type == "markdown":
            cell.source += "\n"


def hand_in_all(root: Path) -> None:
    """Collect a class: a student for each kind."""
    release_plain_course(root)
    released = nbformat.read(root / "assignments" / SLUG / NOTEBOOK, as_version=4)
    kinds: dict[str, tuple[str, Callable[[NotebookNode], None], str]] = {
        "both": (NOTEBOOK, both_in_one_cell, "utf-8"),
        "copied": (NOTEBOOK, copied_stub_below(released), "utf-8"),
        "new": (NOTEBOOK, in_a_new_cell, "utf-8"),
        "text": (NOTEBOOK, nothing_but_text, "utf-8"),
        "renamed": (f"{SLUG} (1).ipynb", lambda nb: None, "utf-8"),
        "nested": (f"homework/{NOTEBOOK}", lambda nb: None, "utf-8"),
        "windows": (NOTEBOOK, lambda nb: None, "utf-16"),
    }
    for student, (name, change, encoding) in kinds.items():
        nb = answer(copy.deepcopy(released), **ANSWERS)
        change(nb)
        folder = root / "course" / "submitted" / student / SLUG
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(nbformat.writes(nb), encoding=encoding)
        (folder / "timestamp.txt").write_text(TIME)
    (root / "course" / "submitted" / "merged" / SLUG).mkdir(parents=True)
    (root / "course" / "submitted" / "merged" / SLUG / NOTEBOOK).write_text(
        nbformat.writes(released).replace("{\n", "{\n<<<<<<< HEAD\n", 1)
    )


def scores(root: Path) -> dict[str, float]:
    with Gradebook(f"sqlite:///{root}/course/gradebook.db") as book:
        return {submission.student_id: submission.score for submission in book.assignment_submissions(SLUG)}


@pytest.fixture(scope="module", params=[pytest.param("nbgrader", marks=pytest.mark.slow), "autograder"])
def graded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The class after one of the two commands, and what that said."""
    root = tmp_path_factory.mktemp("course")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_SEED", "the same in every run")
        hand_in_all(root)
        return root, graded_by(root, request.param)


def test_right_work_keeps_its_points(graded: tuple[Path, str]) -> None:
    found = scores(graded[0])
    assert found.pop("merged") == NOTHING
    assert set(found.values()) == {FULL}, found


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("both", "the cell of the answer 'solve_half' is gone"),
        ("copied", "the cell of the answer 'solve_double' is there 2 times"),
        ("new", "the cell of the answer 'solve_half' is gone"),
        ("renamed", f"{SLUG} (1).ipynb, which is this sprint's, is graded in its place"),
        ("nested", f"homework/{NOTEBOOK}, which is this sprint's, is graded in its place"),
        ("merged", "git's conflict markers are in it"),
    ],
)
def test_what_is_odd_is_named_at_the_end(graded: tuple[Path, str], student: str, words: str) -> None:
    _, _, end = graded[1].partition("who needs a look")
    said = " ".join(end.replace("│", " ").split())
    assert student in said
    assert words in said


def test_who_handed_in_an_ordinary_notebook_is_not_named(graded: tuple[Path, str]) -> None:
    assert "windows" not in graded[1].partition("who needs a look")[2]


def test_feedback_is_made_for_everybody(graded: tuple[Path, str]) -> None:
    command(graded[0], "generate_feedback", SLUG)
    found = (graded[0] / "course" / "feedback").rglob(f"{SLUG}.html")
    pages = {path.parent.parent.name: path.read_text(encoding="utf-8") for path in found}
    assert sorted(pages) == sorted(scores(graded[0]))
    for student, name in (("renamed", f"{SLUG} (1).ipynb"), ("nested", f"homework/{NOTEBOOK}")):
        assert f"handed in as <code>{name}</code>" in pages[student]
