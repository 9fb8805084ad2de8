"""Does a student's repository that leads to another student's give nothing of it away, and change nothing there?"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.bridge.git_exchange import arrivals, exchange, git
from tests.support.git_courses import Course, give_feedback, run

OWN = "def double(x): return 2 * x  # thought of by ada"


def git_file(mine: Path, other: Path) -> None:
    (mine / ".git").write_text(f"gitdir: {other}\n")


def git_link(mine: Path, other: Path) -> None:
    (mine / ".git").symlink_to(other)


def common_folder(mine: Path, other: Path) -> None:
    (mine / "commondir").write_text(f"{other}\n")


def linked_folders(mine: Path, other: Path) -> None:
    for name in ("refs", "objects"):
        shutil.rmtree(mine / name)
        (mine / name).symlink_to(other / name)


def linked_repository(mine: Path, other: Path) -> None:
    shutil.rmtree(mine)
    mine.symlink_to(other)


def other_objects(mine: Path, other: Path) -> None:
    (mine / "objects" / "info" / "alternates").write_text("../../ada.git/objects\n")
    (mine / "refs" / "heads" / "main").write_text((other / "refs" / "heads" / "main").read_text())


def linked_packs(mine: Path, other: Path) -> None:
    run("repack", "-a", "-d", "-q", cwd=other)
    for file in (other / "objects" / "pack").iterdir():
        (mine / "objects" / "pack" / file.name).symlink_to(file)
    (mine / "refs" / "heads" / "main").write_text((other / "refs" / "heads" / "main").read_text())


WAYS = (git_file, git_link, common_folder, linked_folders, linked_repository, other_objects, linked_packs)


def collected(course: Course) -> tuple[bool, str]:
    """Whether eve has ada's work, and what is noted about her."""
    note = course.collect()["eve"]["note"]
    notebook = course.submitted("eve") / "two.ipynb"
    return notebook.exists() and "thought of by ada" in notebook.read_text(), note


@pytest.mark.parametrize("way", WAYS)
def test_nobodys_work_is_collected_as_anothers(
    course: Course, way: Callable[[Path, Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does it not come in, does the note say why, and is everybody else collected? Without the check it comes in."""
    course.hand_in("ada", OWN)
    way(course.repositories / "eve.git", course.repositories / "ada.git")
    got, note = collected(course)
    assert not got
    assert "to another place" in note
    assert (course.submitted("ada") / "two.ipynb").is_file()
    monkeypatch.setattr(exchange, "check_contained", lambda repository: None)
    assert collected(course)[0]


@pytest.mark.parametrize("name", ["HEAD", "config", "refs/heads/main"])
def test_a_pipe_does_not_hold_the_collection(course: Course, name: str) -> None:
    """git would wait at it until its limit."""
    (course.repositories / "eve.git" / name).unlink()
    os.mkfifo(course.repositories / "eve.git" / name)
    assert f"{name} in the repository is neither a file nor a folder" in course.collect()["eve"]["note"]


def test_feedback_is_written_nowhere_else(course: Course) -> None:
    """Does feedback not go through a link to another repository, or to the end of another file as a log?"""
    course.hand_in("ada", OWN)
    course.hand_in("eve")
    course.collect()
    victim = course.root / "settings.py"
    victim.write_text("x = 1\n")
    for student in ("ada", "eve"):
        folder = course.root / "class" / "feedback" / student / "two"
        folder.mkdir(parents=True)
        (folder / "two.html").write_text(student)
    logs = course.repositories / "eve.git" / "logs" / "refs" / "heads"
    logs.mkdir(parents=True, exist_ok=True)
    (logs / "feedback").symlink_to(victim)
    with pytest.raises(Exception, match="feedback was not released to eve; the others have theirs"):
        give_feedback(course)
    assert victim.read_text() == "x = 1\n"
    assert git.head(str(course.repositories / "ada.git"), "feedback", timeout=9) is not None


def test_an_instructors_clone_is_no_students_repository(course: Course) -> None:
    """Is a repository elsewhere, with its work tree around it, collected as before?"""
    course.hand_in("bob")
    (course.root / "roster.csv").write_text("student_id,url,branch\nbob,clones/bob,main\n")
    course.collect()
    assert (course.submitted("bob") / "two.ipynb").is_file()


def test_indexes_with_holes_take_bounded_time(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Are the indexes of packs, which anybody may write there and which take no space, read up to a sum?"""
    course.hand_in("ada")
    packs = course.repositories / "ada.git" / "objects" / "pack"
    for number in range(9):
        with (packs / f"pack-{number}.idx").open("wb") as file:
            file.truncate(30 << 20)
    read: list[int] = []
    stock = git.run

    def counted(*arguments: str | Path, stdin: bytes = b"", **settings: object) -> bytes:
        read.append(len(stdin) if arguments[0] == "show-index" else 0)
        return stock(*arguments, stdin=stdin, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(git, "run", counted)
    course.collect()
    assert 0 < sum(read) <= arrivals.MAX_INDEX
