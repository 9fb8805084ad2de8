"""Does the kernel find the files it may read, and no others?"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.notebook.files import stage_files, staged


@pytest.fixture
def folders(tmp_path) -> tuple[Path, Path, Path]:
    paths = tmp_path / "submitted", tmp_path / "released", tmp_path / "target"
    for path in paths:
        path.mkdir()
    return paths


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def read(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_released_files_take_precedence(folders):
    """Can a student change the data that everybody is graded on?"""
    submitted, released, target = folders
    write(submitted, data="mine", helper="mine", sub__x="mine")
    write(released, data="released", sub__x="released")
    stage_files(submitted, released, target)
    assert read(target) == {"data": "released", "helper": "mine", "sub/x": "released"}


def test_files_that_students_may_change(folders):
    submitted, released, target = folders
    write(submitted, helper="mine")
    write(released, helper="released", other="released")
    stage_files(submitted, released, target, keep=["helper", "other"])
    assert read(target) == {"helper": "mine", "other": "released"}


@pytest.mark.parametrize("mine", ["sub", "sub__x__y"])
def test_a_file_where_the_release_has_a_folder(folders, mine):
    submitted, released, target = folders
    write(submitted, **{mine: "mine"})
    write(released, sub__x="released")
    stage_files(submitted, released, target)
    assert read(target) == {"sub/x": "released"}


def test_notebooks_links_and_pipes_stay_behind(folders, tmp_path):
    """Is a link to the graders not followed, and does a pipe not hang the copy?"""
    import os

    submitted, released, target = folders
    secret = tmp_path / "secret"
    write(secret, test_double="assert double(2) == 4")
    write(submitted, plain="mine", **{"a.ipynb": "{}", "a.ipynb.unreadable": "?"})
    (submitted / "file").symlink_to(secret / "test_double")
    (submitted / "folder").symlink_to(secret)
    os.mkfifo(submitted / "pipe")
    stage_files(submitted, released, target)
    assert read(target) == {"plain": "mine"}


def test_hidden_folders_stay_behind(folders):
    """Does a submission's .git stay out of the kernel's sight?"""
    submitted, released, target = folders
    write(submitted, **{".git__config": "x", "data": "mine"})
    stage_files(submitted, released, target)
    assert read(target) == {"data": "mine"}


def test_more_than_the_bound_stays_behind(folders, monkeypatch):
    """Does a file of a terabyte fill the disk?"""
    submitted, released, target = folders
    monkeypatch.setattr("autograder.notebook.files.MAX_BYTES", 10)
    with (submitted / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    stage_files(submitted, released, target)
    assert read(target) == {}


def test_only_released_files_without_a_folder(folders):
    """Can a notebook be graded that was handed in without files?"""
    _, released, _ = folders
    write(released, data="released")
    with staged(None, released) as folder:
        assert read(folder) == {"data": "released"}
    assert not folder.exists()
