"""Are links, huge files and names that leave the folder refused, and is the student told?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.bridge.git_exchange import GitCollect, git, receipts
from tests.support.git_courses import Course, run

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 300000000\n"


def test_what_is_no_file_is_refused(course: Course) -> None:
    """Are links, submodules, and pointers of LFS left where they are, with the rest taken?"""
    clone = course.clone("eve")
    (clone / "two" / "test_double.py").symlink_to(course.root / "graders" / "two" / "test_double.py")
    (clone / "two" / "graders").symlink_to(course.root / "graders")
    (clone / "two" / "large.bin").write_text(LFS)
    (clone / "two" / "run.sh").write_text("#!/bin/sh\n")
    (clone / "two" / "run.sh").chmod(0o755)
    run("submodule", "--quiet", "add", str(course.repositories / "ada.git"), "two/module", cwd=clone)
    course.hand_in("eve")
    note = course.collect()["eve"]["note"]
    for part in ("test_double.py: a symbolic link", "graders: a symbolic link", "module: a submodule",
                 "large.bin: a pointer of Git LFS"):  # fmt: skip
        assert part in note
    files = sorted(path.name for path in course.submitted("eve").iterdir())
    assert files == ["data.txt", "run.sh", "timestamp.txt", "two.ipynb"]
    assert not any(path.stat().st_mode & 0o111 for path in course.submitted("eve").iterdir() if path.is_file())


@pytest.mark.parametrize(("make", "reason"), [("link", "a symbolic link"), ("pointer", "a pointer of Git LFS")])
def test_a_notebook_that_is_none_is_explained_to_the_student(course: Course, make: str, reason: str) -> None:
    path = course.clone("eve") / "two" / "two.ipynb"
    path.unlink()
    path.symlink_to("/etc/passwd") if make == "link" else path.write_text(LFS)
    course.push("eve")
    course.collect()
    assert reason in (course.submitted("eve") / "two.ipynb").read_text()


@pytest.mark.parametrize("supported", [True, False])
def test_a_repository_that_is_too_large(course: Course, supported: bool) -> None:
    """Is a large file never fetched, also from a host that cannot leave it out, and do the others get through?"""
    repository = course.repositories / "eve.git"
    run("config", "uploadpack.allowFilter", str(supported).lower(), cwd=repository)
    with (course.clone("eve") / "two" / "large.bin").open("wb") as file:
        file.write(os.urandom(6_000_000))
    course.push("eve")
    course.hand_in("ada")
    collect = course.part(GitCollect, max_fetch_size=3000.0)
    collect.coursedir.max_dir_size = 2000
    started = set(Path(os.environ.get("TMPDIR", "/tmp")).glob("fetch-*"))
    collect.start()
    note = receipts.read_rows(course.root / "class" / "receipts" / "two.csv")["eve"]["note"]
    assert note.startswith("large.bin: too large" if supported else "the repository is too large")
    notebook = (course.submitted("eve") / "two.ipynb").read_text()
    assert ("the repository is too large" in notebook) is not supported
    assert [path.name for path in course.submitted("eve").iterdir() if path.suffix == ".bin"] == []
    assert (course.submitted("ada") / "two.ipynb").is_file()
    assert set(Path(os.environ.get("TMPDIR", "/tmp")).glob("fetch-*")) <= started


def test_a_folder_that_is_too_large(course: Course) -> None:
    """Do many files that are each within the limit make a submission that is refused?"""
    for number in range(4):
        (course.clone("eve") / "two" / f"{number}.bin").write_bytes(bytes(900_000))
    course.push("eve")
    collect = course.part(GitCollect)
    collect.coursedir.max_dir_size = 2000
    collect.start()
    assert "the folder two is too large (4 MB, and 2 MB at most)" in (course.submitted("eve") / "two.ipynb").read_text()


def test_a_folder_of_too_many_files(course: Course) -> None:
    """Is a tree that holds itself ten times, ten levels deep, no ten thousand million files?"""
    repository = course.repositories / "eve.git"
    blob = git.run("hash-object", "-w", "--stdin", repository=repository, stdin=b"x").decode().strip()
    entries = "".join(f"100644 blob {blob}\t{number}\n" for number in range(10))
    for _ in range(9):
        tree = git.run("mktree", repository=repository, stdin=entries.encode()).decode().strip()
        entries = "".join(f"040000 tree {tree}\t{number}\n" for number in range(10))
    commit_tree(course, f"040000 tree {tree}\ttwo\n")
    assert "too many files" in course.collect()["eve"]["note"]


@pytest.mark.parametrize("name", ["..", ".git", ".GIT"])
def test_names_that_leave_the_folder(course: Course, name: str) -> None:
    """Is a tree that no honest git writes refused, by git's own check of what it fetches?"""
    repository = course.repositories / "eve.git"
    blob = git.run("hash-object", "-w", "--stdin", repository=repository, stdin=b"x").decode().strip()
    entry = b"100644 " + name.encode() + b"\0" + bytes.fromhex(blob)
    tree = git.run("hash-object", "-t", "tree", "-w", "--literally", "--stdin", repository=repository, stdin=entry)
    commit_tree(course, f"040000 tree {tree.decode().strip()}\ttwo\n")
    course.hand_in("ada")
    assert "malformed" in course.collect()["eve"]["note"]
    assert "malformed" in (course.submitted("eve") / "two.ipynb").read_text()
    assert (course.submitted("ada") / "two.ipynb").is_file()


def commit_tree(course: Course, entries: str) -> None:
    """Set eve's branch to a commit of such a tree, past the checks of a push."""
    repository = course.repositories / "eve.git"
    tree = git.run("mktree", repository=repository, stdin=entries.encode()).decode().strip()
    who = {f"GIT_{role}_{what}": "eve" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    commit = git.run("commit-tree", tree, "-m", "x", repository=repository, environment=who).decode().strip()
    git.run("update-ref", "refs/heads/main", commit, repository=repository, environment=who)


def test_a_list_of_names_without_end(course: Course) -> None:
    """Is a folder of a million names refused before it is read?"""
    repository = course.repositories / "eve.git"
    blob = git.run("hash-object", "-w", "--stdin", repository=repository, stdin=b"x").strip().decode()
    entries = "".join(f"100644 blob {blob}\t{number:07}\n" for number in range(60_000))
    tree = git.run("mktree", repository=repository, stdin=entries.encode()).decode().strip()
    commit_tree(course, f"040000 tree {tree}\ttwo\n")
    assert "too many files" in course.collect()["eve"]["note"]
