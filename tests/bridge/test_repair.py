"""Does a submission nobody can read become one that is graded 0 with the reason, with nothing lost?"""

from __future__ import annotations

import logging
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.bridge.repair import repair
from autograder.course.sprint import Sprint
from autograder.notebook.read import MAX_CELLS
from tests.support.builders import code, graded, notebook, released, solution

log = logging.getLogger(__name__)


@pytest.fixture
def sprint(tmp_path) -> Sprint:
    release = tmp_path / "assignments" / "two.ipynb"
    release.parent.mkdir()
    nbformat.write(released(), release)
    return Sprint("two", tmp_path / "graders", release)


@pytest.fixture
def folder(tmp_path) -> Path:
    path = tmp_path / "submitted" / "ada" / "two"
    path.mkdir(parents=True)
    return path


def read(folder: Path) -> NotebookNode:
    return nbformat.read(folder / "two.ipynb", as_version=4)


def test_a_notebook_that_can_be_read_is_left_alone(folder, sprint, caplog):
    nbformat.write(released(), folder / "two.ipynb")
    before = (folder / "two.ipynb").read_bytes()
    repair(folder, sprint, log)
    assert (folder / "two.ipynb").read_bytes() == before
    assert caplog.text == ""


def test_a_missing_notebook(folder, sprint, caplog):
    """Is the unsolved notebook there, with the reason on top, and one line in the log?"""
    repair(folder, sprint, log)
    nb = read(folder)
    assert "no notebook two.ipynb was handed in" in nb.cells[0].source
    assert nb.cells[1:] == released().cells
    assert len(caplog.records) == 1
    assert "it is graded 0" in caplog.text


@pytest.mark.parametrize("name", ["two (1).ipynb", "Two.ipynb", "homework/two.ipynb", "a/b/answers.ipynb"])
def test_a_notebook_under_another_name_is_graded(folder, sprint, name):
    """Is right work that a browser or an archive has renamed graded, and is that said?"""
    nb = released()
    nb.cells[2].source = "def double(x): return 2 * x"
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, folder / name)
    (folder / ".ipynb_checkpoints").mkdir()
    nbformat.write(released(), folder / ".ipynb_checkpoints" / "two-checkpoint.ipynb")
    nbformat.write(notebook(solution("solve_other"), graded("other", 1)), folder / "three.ipynb")
    (told,) = repair(folder, sprint, log)
    first, *others = read(folder).cells
    assert f"This notebook was handed in as `{name}`." in first.source
    assert [cell.source for cell in others] == [cell.source for cell in nb.cells]
    assert told == f"no notebook two.ipynb was handed in; {name}, which is this sprint's, is graded in its place"
    assert (folder / name).is_file()
    assert repair(folder, sprint, log) == []


def test_a_renamed_notebook_with_as_many_cells_as_may_be_is_graded(folder, sprint):
    """Is the work taken, though there is no room to say so in it?"""
    nb = released()
    nb.cells += [nbformat.v4.new_markdown_cell("words") for _ in range(MAX_CELLS - len(nb.cells))]
    nbformat.write(nb, folder / "two (1).ipynb")
    repair(folder, sprint, log)
    assert len(read(folder).cells) == MAX_CELLS
    assert repair(folder, sprint, log) == []


def test_of_several_notebooks_none_is_chosen(folder, sprint):
    for name in ("two (1).ipynb", "two (2).ipynb"):
        nbformat.write(released(), folder / name)
    (told,) = repair(folder, sprint, log)
    assert told == "no notebook two.ipynb was handed in, but 2 others of this sprint were; it is graded 0"
    assert "but 2 others of this sprint were" in read(folder).cells[0].source


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> theirs\n]}', "git's conflict markers are in it (line 2)"),
        (b"", "the file is empty"),
        (b'{"cells": [', "broken JSON"),
        (b"\x89PNG", "not a notebook"),
        (b"[]", "not a notebook"),
        (b'{"cells": [], "nbformat": 4}', "the notebook has no cells"),
    ],
)
def test_an_unreadable_notebook_is_kept_under_another_name(folder, sprint, content, reason):
    (folder / "two.ipynb").write_bytes(content)
    repair(folder, sprint, log)
    assert reason in read(folder).cells[0].source
    assert (folder / "two.ipynb.unreadable").read_bytes() == content


def test_the_reason_names_no_path(folder, sprint):
    """Would a student see the folders of the grading machine?"""
    (folder / "two.ipynb").write_text("?")
    repair(folder, sprint, log)
    assert str(folder) not in read(folder).cells[0].source


def test_the_second_unreadable_file_does_not_replace_the_first(folder, sprint):
    for content in ("first", "second"):
        (folder / "two.ipynb").write_text(content)
        repair(folder, sprint, log)
    kept = sorted(path.read_text() for path in folder.glob("*.unreadable"))
    assert kept == ["first", "second"]


def test_a_link_is_not_followed(folder, sprint, tmp_path):
    """Can a link to somebody else's notebook be handed in?"""
    nbformat.write(released(), tmp_path / "other.ipynb")
    (folder / "two.ipynb").symlink_to(tmp_path / "other.ipynb")
    repair(folder, sprint, log)
    assert not (folder / "two.ipynb").is_symlink()
    assert "is a link" in read(folder).cells[0].source
    assert nbformat.read(tmp_path / "other.ipynb", as_version=4) == released()


def test_a_folder_named_like_the_notebook(folder, sprint):
    (folder / "two.ipynb").mkdir()
    repair(folder, sprint, log)
    assert "this is a folder" in read(folder).cells[0].source


def test_the_notebook_of_another_sprint(folder, sprint):
    nbformat.write(notebook(solution("solve_other"), graded("other", 1)), folder / "two.ipynb")
    repair(folder, sprint, log)
    assert "another sprint" in read(folder).cells[0].source


@pytest.mark.parametrize("left", [[code("def double(x): return 2 * x", "id-solve_double")], [solution("solve_half")]])
def test_work_without_grade_cells_is_graded(folder, sprint, left):
    """Does deleting the grade cells, or losing the metadata, not cost the answers that are there?"""
    nbformat.write(notebook(*left), folder / "two.ipynb")
    repair(folder, sprint, log)
    assert [cell.source for cell in read(folder).cells] == [cell.source for cell in left]


def test_a_timestamp_nbgrader_cannot_read_is_kept_under_another_name(folder, sprint):
    nbformat.write(released(), folder / "two.ipynb")
    (folder / "timestamp.txt").write_text("soon")
    repair(folder, sprint, log)
    assert not (folder / "timestamp.txt").exists()
    assert (folder / "timestamp.txt.unreadable").read_text() == "soon"


def test_without_a_release_the_others_go_on(folder, sprint, caplog):
    sprint.release.unlink()
    repair(folder, sprint, log)
    assert "cannot be put right" in caplog.text
