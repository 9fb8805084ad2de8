"""Does one student's odd folder in the exchange stop nobody's collection, and is nothing taken from outside it?"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc
from traitlets.config import Config

from autograder.bridge.collect import CollectSubmissions
from tests.support.builders import released

TIME = "2026-02-02 15:58:23.948203 UTC"


@pytest.fixture
def collect(tmp_path) -> CollectSubmissions:
    """A collector of the sprint `two`, which has a hidden grader."""
    graders = tmp_path / "graders" / "two"
    graders.mkdir(parents=True)
    (graders / "test_double.py").touch()
    release = tmp_path / "assignments" / "two"
    release.mkdir(parents=True)
    nbformat.write(released(), release / "two.ipynb")
    config = Config()
    config.HiddenGraders.directory = str(tmp_path / "graders")
    coursedir = CourseDirectory(root=str(tmp_path), release_directory="assignments", assignment_id="two")
    return CollectSubmissions(coursedir=coursedir, config=config)


@pytest.fixture
def inbound(tmp_path) -> Path:
    path = tmp_path / "inbound" / f"ada+two+{TIME}+x"
    path.mkdir(parents=True)
    nbformat.write(released(), path / "two.ipynb")
    return path


@pytest.fixture
def dest(tmp_path) -> Path:
    path = tmp_path / "submitted" / "ada" / "two"
    path.parent.mkdir(parents=True)
    return path


def test_a_submission_is_copied(collect, inbound, dest):
    (inbound / "sub").mkdir()
    (inbound / "sub" / "helper.py").write_text("x = 1")
    collect.do_copy(str(inbound), str(dest))
    assert (dest / "two.ipynb").read_bytes() == (inbound / "two.ipynb").read_bytes()
    assert (dest / "sub" / "helper.py").read_text() == "x = 1"


def test_links_and_pipes_stay_in_the_exchange(collect, inbound, dest, tmp_path):
    """Would nbgrader copy what a link points at, the graders say, into the student's folder?"""
    (inbound / "sub").mkdir()
    (inbound / "sub" / "test.py").symlink_to(tmp_path / "graders" / "two" / "test_double.py")
    (inbound / "graders").symlink_to(tmp_path / "graders")
    os.mkfifo(inbound / "pipe")
    collect.do_copy(str(inbound), str(dest))
    assert sorted(path.name for path in dest.rglob("*")) == ["sub", "two.ipynb"]


def test_a_link_in_place_of_the_folder(collect, inbound, dest, tmp_path):
    link = inbound.with_name(f"eve+two+{TIME}+x")
    link.symlink_to(tmp_path / "graders" / "two")
    collect.do_copy(str(link), str(dest))
    assert sorted(path.name for path in dest.iterdir()) == ["timestamp.txt", "two.ipynb"]
    assert parse_utc((dest / "timestamp.txt").read_text()) == parse_utc(TIME)
    assert "not a folder" in (dest / "two.ipynb").read_text()


@pytest.mark.parametrize(("name", "reason"), [("two.ipynb", "the notebook"), ("x", "the folder handed in")])
def test_too_large(collect, inbound, dest, name, reason):
    """Is it 0 with the reason, where stock nbgrader stops the whole collection?"""
    with (inbound / name).open("wb") as file:
        file.truncate(200_000_000)
    collect.do_copy(str(inbound), str(dest))
    assert f"{reason} is too large (200 MB" in (dest / "two.ipynb").read_text()
    assert (inbound / name).stat().st_size == 200_000_000


def test_what_cannot_be_copied(collect, inbound, dest, monkeypatch):
    """Does a folder whose copy fails become 0 with the reason?"""

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("shutil.copytree", refuse)
    collect.do_copy(str(inbound), str(dest))
    assert "cannot be read" in (dest / "two.ipynb").read_text()


def test_an_assignment_without_hidden_graders_is_collected_as_ever(collect, inbound, dest):
    collect.coursedir.assignment_id = "other"
    (inbound / "two.ipynb").write_text("?")
    collect.do_copy(str(inbound), str(dest))
    assert (dest / "two.ipynb").read_text() == "?"
