"""Does one student's odd folder in the exchange stop nobody's collection, and is nothing taken from outside it?"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import parse_utc
from traitlets.config import Config

from autograder.bridge.collect import CollectSubmissions
from autograder.errors import BadInput
from autograder.notebook.files import MAX_FILES, plain_files
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


@pytest.mark.parametrize(("given", "collected"), [(0o777, 0o777), (0o750, 0o750), (0o055, 0o755)])
def test_the_folder_has_the_rights_that_it_has_in_the_exchange(collect, inbound, dest, given, collected):
    """nbgrader's own tests ask for the first; of the last, a grader who is not root could not read the files."""
    inbound.chmod(given)
    collect.do_copy(str(inbound), str(dest))
    assert dest.stat().st_mode & 0o777 == collected


def test_links_and_pipes_stay_in_the_exchange(collect, inbound, dest, tmp_path):
    """Would nbgrader copy what a link points at, the graders say, into the student's folder?"""
    (inbound / "sub").mkdir()
    (inbound / "sub" / "test.py").symlink_to(tmp_path / "graders" / "two" / "test_double.py")
    (inbound / "graders").symlink_to(tmp_path / "graders")
    os.mkfifo(inbound / "pipe")
    collect.do_copy(str(inbound), str(dest))
    assert sorted(path.name for path in dest.rglob("*")) == ["timestamp.txt", "two.ipynb"]


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


def test_links_are_no_files_without_hidden_graders_either(collect, inbound, dest, tmp_path, monkeypatch):
    """nbgrader copies what they lead to; then the student's notebook reads it in the jail."""
    collect.coursedir.assignment_id = "other"
    (tmp_path / "gradebook.db").write_text("everybody's grades")
    (inbound / "mine.txt").write_text("mine")
    (inbound / "data.txt").symlink_to(tmp_path / "gradebook.db")
    (inbound / "folder").symlink_to(tmp_path / "graders")
    stock, looks = dest.with_name("stock"), [(look.who, look.what) for look in collect.looks]
    ExchangeCollect.do_copy(collect, str(inbound), str(stock))
    assert (stock / "data.txt").read_text() == "everybody's grades"
    assert (stock / "folder" / "two" / "test_double.py").exists()
    collect.do_copy(str(inbound), str(dest))
    assert sorted(path.name for path in dest.iterdir()) == ["mine.txt", "timestamp.txt", "two.ipynb"]
    assert looks == []
    assert ("ada", "left out: data.txt: a link; folder: a link") in [(look.who, look.what) for look in collect.looks]
    (inbound / "large").write_bytes(b"")
    os.truncate(inbound / "large", 200_000_000)
    with pytest.raises(BadInput, match="too large"):
        collect.do_copy(str(inbound), str(dest.with_name("large")))


@pytest.mark.parametrize("what", ["file", "folder", "pipe", "submission"])
@pytest.mark.parametrize("assignment", ["two", "other"])
def test_what_is_exchanged_after_it_was_looked_at_is_not_followed(
    collect, inbound, dest, tmp_path, monkeypatch, what, assignment
):
    """A student may change the folder all the time, so the check and the use are of one opened file."""
    collect.coursedir.assignment_id = assignment
    secret = tmp_path / "secret" / "data.txt"
    for path in (secret, inbound / "sub" / "data.txt"):
        path.parent.mkdir()
        path.write_text(path.parent.name)

    def look_and_exchange(folder, *args):
        found = plain_files(folder, *args)
        gone = {"submission": inbound, "folder": inbound / "sub"}.get(what, inbound / "sub" / "data.txt")
        if folder == inbound:
            gone.rename(tmp_path / "gone")
            if what == "pipe":
                os.mkfifo(gone)
            else:
                gone.symlink_to({"file": secret, "folder": secret.parent, "submission": tmp_path / "gone"}[what])
        return found

    monkeypatch.setattr("autograder.bridge.collect.plain_files", look_and_exchange)
    monkeypatch.setattr(collect, "_why_not", lambda *args: None)
    collect.do_copy(str(inbound), str(dest))
    assert "secret" not in [path.read_text() for path in dest.rglob("data.txt")]
    assert not list(dest.rglob("data.txt"))
    assert any("it changed while it was copied" in look.what for look in collect.looks)


def test_nobody_is_in_time_by_a_file_of_their_own(collect, inbound, dest, monkeypatch):
    """nbgrader computes lateness from a file in the student's folder, which the student may write."""
    collect.coursedir.assignment_id = "other"
    (inbound / "timestamp.txt").write_text("2020-01-01 00:00:00 UTC")
    stock = dest.with_name("stock")
    ExchangeCollect.do_copy(collect, str(inbound), str(stock))
    assert (stock / "timestamp.txt").read_text() == "2020-01-01 00:00:00 UTC"
    collect.do_copy(str(inbound), str(dest))
    assert (dest / "timestamp.txt").read_text() == TIME


def test_the_time_is_the_exchanges_and_the_secret_is_checked(collect, inbound, dest):
    """Is neither taken from what a student made of these files, and is a good secret kept?"""
    (inbound / "timestamp.txt").mkdir()
    (inbound / "submission_secret.txt").write_text("0123abcd")
    collect.do_copy(str(inbound), str(dest))
    assert (dest / "timestamp.txt").read_text() == TIME
    assert (dest / "submission_secret.txt").read_text() == "0123abcd"
    assert list(collect.looks) == []


@pytest.mark.parametrize("secret", [b"", b"\xff", b"x" * 2000, b"two\nlines", None])
def test_a_secret_that_cannot_be_used(collect, inbound, dest, secret):
    if secret is None:
        (inbound / "submission_secret.txt").symlink_to("/etc/hostname")
    else:
        (inbound / "submission_secret.txt").write_bytes(secret)
    collect.do_copy(str(inbound), str(dest))
    assert not (dest / "submission_secret.txt").exists()
    assert ("ada", "ask the student to submit again") in [(look.who, look.to_do) for look in collect.looks]


def test_many_files_and_rights_come_in_bounded_and_plain(collect, inbound, dest):
    """Are there never more than so many files, always the notebook, and all of them ours to write and remove?"""
    for number in range(MAX_FILES + 100):
        (inbound / f"a{number:05}").touch()
    (inbound / "a00001").chmod(0o444)
    collect.do_copy(str(inbound), str(dest))
    files = [path for path in dest.rglob("*") if path.is_file()]
    assert MAX_FILES - 100 < len(files) <= MAX_FILES + 3
    assert (dest / "two.ipynb").read_bytes() == (inbound / "two.ipynb").read_bytes()
    assert all(path.stat().st_mode & 0o200 for path in files)
    assert any("more than" in look.what for look in collect.looks)


@pytest.mark.parametrize("name", ["\x1b[31mred", "two\nlines", "\u202egnp.exe", "x\\y"])
def test_a_file_whose_name_cannot_be_shown_stays_in_the_exchange(collect, inbound, dest, name):
    (inbound / name).write_text("x")
    collect.do_copy(str(inbound), str(dest))
    assert sorted(path.name for path in dest.iterdir()) == ["timestamp.txt", "two.ipynb"]
    assert any("left out" in look.what for look in collect.looks)
    assert all(look.what.isprintable() for look in collect.looks)


@pytest.mark.parametrize(("named", "told"), [("2020-01-01 00:00:00 UTC", True), ("now", False)])
@pytest.mark.parametrize("due", ["2026-05-01 00:00", "2999-01-01 00:00", None])
def test_a_time_in_a_name_that_the_files_do_not_bear_out(collect, inbound, dest, named, told, due):
    """A student's own process names the entry: is it told when the files came after that, and after the due date?"""
    named = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC" if named == "now" else named
    entry = inbound.rename(inbound.with_name(f"ada+two+{named}+x"))
    collect.duedate = due and parse_utc(due)
    (entry / "submission_secret.txt").write_text("0123abcd")
    for path in (entry, *entry.iterdir()):
        os.utime(path, (1577836800, 1577836800))
    collect.do_copy(str(entry), str(dest))
    assert (dest / "timestamp.txt").read_text() == named
    looks = [look.what for look in collect.looks]
    assert bool(looks) is (told and due is not None and due.startswith("2026"))
    assert all(f"handed in at {named}" in what and "after the due date" in what for what in looks)


def test_an_entry_that_another_account_made(collect, inbound, monkeypatch):
    """Does it not take the place of the student's own, and is it collected where accounts have other names?"""
    forged = inbound.with_name(f"ada+two+{TIME.replace('2026', '2027')}+y")
    forged.mkdir()
    records = [collect._path_to_record(str(path)) for path in (inbound, forged)]
    collect.inbound_path = str(inbound.parent)
    monkeypatch.setattr("autograder.bridge.collect.owner_of", lambda path: "eve" if path == forged else "ada")
    assert [record["filename"] for record in collect._sort_by_timestamp(records)] == [inbound.name]
    assert [look.what.endswith("is not collected: eve made it") for look in collect.looks] == [True]
    monkeypatch.setattr("autograder.bridge.collect.owner_of", lambda path: "jovyan")
    assert len(collect._sort_by_timestamp(records)) == 2
