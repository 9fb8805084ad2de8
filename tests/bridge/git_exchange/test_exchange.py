"""Does nbgrader's exchange work over real git, and does nothing in a student's repository act on this machine?"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.exchange import ExchangeError
from nbgrader.utils import parse_utc

from autograder.bridge.git_exchange import (
    GitCollect,
    GitFetchAssignment,
    GitFetchFeedback,
    GitList,
    GitSubmit,
    git,
    receipts,
)
from tests.support.git_courses import PAST, Course, give_feedback, run

LEFT_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # files, by nbgrader's list
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 300000000\n"


def test_a_release_is_a_commit_on_the_template(course: Course) -> None:
    """Is it there for everybody, is the same release no new commit, and is another one refused without --force?"""
    template = course.root / "exchange" / "course" / "template.git"
    before = git.head(str(template), "main", timeout=9)
    course.release()
    assert git.head(str(template), "main", timeout=9) == before
    (course.root / "assignments" / "two" / "data.txt").write_text("changed")
    with pytest.raises(ExchangeError, match="--force"):
        course.release()
    course.release(force=True)
    clone = course.clone("ada")
    run("pull", "--quiet", str(template), "main", cwd=clone)
    assert (clone / "two" / "data.txt").read_text() == "changed"


def test_what_else_the_template_holds_stays(course: Course) -> None:
    clone = course.root / "template"
    run("clone", "--quiet", str(course.root / "exchange" / "course" / "template.git"), str(clone))
    (clone / "README.md").write_text("welcome")
    run("add", "README.md", cwd=clone)
    run("commit", "--quiet", "--message", "welcome", cwd=clone)
    run("push", "--quiet", cwd=clone)
    (course.root / "assignments" / "two" / "data.txt").write_text("changed")
    course.release(force=True)
    run("pull", "--quiet", cwd=clone)
    assert (clone / "README.md").read_text() == "welcome"


def test_collecting(course: Course) -> None:
    """Are files taken as they are, times by the receiving clock, and who has done nothing left out?"""
    clone = course.clone("ada")
    (clone / "two" / "sub").mkdir()
    (clone / "two" / "sub" / "helper.py").write_text("x = 1")
    (clone / "two" / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")
    before = time.time() - 1
    commit = course.hand_in("ada")
    rows = course.collect()
    folder = course.submitted("ada")
    assert sorted(path.name for path in folder.iterdir()) == ["data.txt", "sub", "timestamp.txt", "two.ipynb"]
    assert (folder / "two.ipynb").read_bytes() == (clone / "two" / "two.ipynb").read_bytes()
    assert rows["ada"]["commit"] == commit
    assert rows["ada"]["clock"] == "receiver"
    assert before <= parse_utc((folder / "timestamp.txt").read_text()).replace(tzinfo=UTC).timestamp() <= time.time()
    assert not course.submitted("bob").exists()
    assert "nothing has been changed" in rows["bob"]["note"]


def test_collecting_twice_changes_nothing(course: Course) -> None:
    course.hand_in("ada")
    first = course.collect()
    before = {path: path.stat().st_mtime_ns for path in course.submitted("ada").rglob("*")}
    for settings in ({}, {"update": True}):
        assert course.collect(**settings) == first
        assert {path: path.stat().st_mtime_ns for path in course.submitted("ada").rglob("*")} == before


def test_a_newer_submission_is_collected_when_asked(course: Course) -> None:
    course.hand_in("ada")
    course.collect()
    time.sleep(1)
    second = course.hand_in("ada", "def double(x): return x + x")
    assert course.collect()["ada"]["commit"] != second
    assert "x + x" not in (course.submitted("ada") / "two.ipynb").read_text()
    assert course.collect(update=True)["ada"]["commit"] == second
    assert "x + x" in (course.submitted("ada") / "two.ipynb").read_text()


def test_work_on_something_else_makes_nothing_later(course: Course) -> None:
    """Is a submission as early as its folder, when another folder is pushed afterwards?"""
    course.hand_in("ada")
    time.sleep(1.1)
    (course.clone("ada") / "three").mkdir()
    (course.clone("ada") / "three" / "three.ipynb").write_text("{}")
    course.push("ada")
    log = (course.repositories / "ada.git" / "logs" / "refs" / "heads" / "main").read_text().splitlines()
    times = [int(line.partition("\t")[0].split()[-2]) for line in log]
    course.collect()
    stamp = parse_utc((course.submitted("ada") / "timestamp.txt").read_text()).replace(tzinfo=UTC).timestamp()
    assert stamp == times[-2] < times[-1]


def test_a_date_that_the_committer_chose(course: Course) -> None:
    """Is a push as late as it is, whatever date the student's git was told?"""
    before = time.time() - 1
    course.hand_in("ada", when=PAST)
    row = course.collect()["ada"]
    assert row["clock"] == "receiver"
    assert parse_utc(row["time"]).replace(tzinfo=UTC).timestamp() >= before


def test_elsewhere_the_time_is_the_committers_own(course: Course) -> None:
    """Where the other side keeps no log, is the clock named?"""
    elsewhere = course.root / "host" / "bob.git"
    run("clone", "--quiet", "--bare", str(course.repositories / "bob.git"), str(elsewhere))
    run("remote", "set-url", "origin", str(elsewhere), cwd=course.clone("bob"))
    course.hand_in("bob", when=PAST)
    (course.root / "roster.csv").write_text("student_id,url,branch\nbob,host/bob.git,main\n")
    row = course.collect()["bob"]
    assert (row["clock"], row["time"]) == ("committer", "2020-01-01 00:00:00.000000 UTC")


@pytest.mark.parametrize("embedded", [True, False])
def test_the_last_one_before_the_due_date(course: Course, embedded: bool) -> None:
    """With --before-duedate, is the last submission in time taken, or the late one if there is none?"""
    if not embedded:
        for student in ("ada", "bob"):
            (course.repositories / f"{student}.git" / "logs" / "refs" / "heads" / "main").unlink()
            run("config", "core.logAllRefUpdates", "false", cwd=course.repositories / f"{student}.git")
    in_time = course.hand_in("ada")
    time.sleep(1.1)
    due = datetime.now(UTC).replace(tzinfo=None)
    time.sleep(1.1)
    late = course.hand_in("ada", "def double(x): return x + x")
    only = course.hand_in("bob")
    collect = course.part(GitCollect, before_duedate=True)
    with Gradebook(collect.coursedir.db_url, "course") as gradebook:
        gradebook.add_assignment("two", duedate=due)
    collect.start()
    rows = receipts.read_rows(course.root / "class" / "receipts" / "two.csv")
    assert rows["ada"]["commit"] == in_time != late
    assert rows["bob"]["commit"] == only


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


def test_repositories_that_cannot_be_read_stop_nobody(course: Course) -> None:
    course.hand_in("ada")
    (course.root / "roster.csv").write_text(
        f"student_id,url\nada,\nbob,{course.root}/nowhere.git\neve,https://token:secret@127.0.0.1:9/eve.git\n"
    )
    rows = course.collect()
    assert (course.submitted("ada") / "two.ipynb").is_file()
    assert "cannot be read" in rows["bob"]["note"]
    assert "cannot be read" in rows["eve"]["note"]
    assert "secret" not in rows["eve"]["note"]
    assert not course.submitted("bob").exists()


@LEFT_OPEN
def test_nothing_of_a_repository_runs(course: Course) -> None:
    """Do hooks, filters and settings, in the tree or in the repository itself, run for nobody but their owner?"""
    mark, clone, repository = course.root / "it_ran", course.clone("eve"), course.repositories / "eve.git"
    script = f"#!/bin/sh\ntouch {mark}\n"
    (clone / ".gitattributes").write_text("* filter=evil diff=evil\n")
    (clone / ".githooks").mkdir()
    (clone / ".githooks" / "post-checkout").write_text(script)
    (clone / ".gitconfig").write_text(f"[core]\n fsmonitor = touch {mark}\n")
    course.hand_in("eve")
    hooks = repository / "hooks"
    hooks.mkdir()
    for name in ("pre-receive", "update", "post-receive", "post-update", "reference-transaction", "proc-receive"):
        (hooks / name).write_text(script)
        (hooks / name).chmod(0o755)
    for setting in ("core.fsmonitor", "core.alternateRefsCommand", "uploadpack.packObjectsHook"):
        run("config", setting, f"touch {mark}", cwd=repository)
    (repository / "objects" / "info" / "alternates").write_text(f"{course.repositories / 'ada.git'}/objects\n")
    course.collect()
    course.part(GitList, inbound=True).start()
    give_feedback(course, "eve")
    assert git.head(str(repository), "feedback", timeout=9) is not None
    assert not mark.exists()


def test_feedback_reaches_its_student_and_nobody_else(course: Course) -> None:
    for student in ("ada", "bob"):
        course.hand_in(student)
    course.collect()
    give_feedback(course, "ada", "bob")
    for student in ("ada", "bob"):
        clone = course.clone(student)
        run("fetch", "--quiet", cwd=clone)
        assert run("show", "origin/feedback:two/two.html", cwd=clone) == f"well done, {student}"
    assert git.head(str(course.repositories / "eve.git"), "feedback", timeout=9) is None
    before = git.head(str(course.repositories / "ada.git"), "feedback", timeout=9)
    give_feedback(course, "ada", "bob")
    assert git.head(str(course.repositories / "ada.git"), "feedback", timeout=9) == before
    give_feedback(course, "ada", page="better")
    clone = course.root / "pages"
    run("clone", "--quiet", "--branch", "feedback", str(course.repositories / "ada.git"), str(clone))
    assert (clone / "two" / "two.html").read_text() == "better, ada"
    assert run("rev-list", "--count", "HEAD", cwd=clone).strip() == "2"


def test_feedback_is_not_put_where_others_read_it(course: Course) -> None:
    """Are students who share a repository, with a branch each, graded, and their feedback kept back?"""
    run("checkout", "--quiet", "-b", "bob", cwd=course.clone("ada"))
    run("push", "--quiet", "--set-upstream", "origin", "bob", cwd=course.clone("ada"))
    course.hand_in("ada")
    shared = course.repositories / "ada.git"
    (course.root / "roster.csv").write_text(f"student_id,url,branch\nada,{shared},main\nbob,{shared},bob\neve,,\n")
    course.hand_in("eve")
    rows = course.collect()
    assert rows["bob"]["commit"]
    with pytest.raises(ExchangeError, match="not released to bob"):
        give_feedback(course, "bob", "eve")
    assert git.head(str(shared), "feedback", timeout=9) is None
    assert git.head(str(course.repositories / "eve.git"), "feedback", timeout=9) is not None


def test_a_list_of_names_without_end(course: Course) -> None:
    """Is a folder of a million names refused before it is read?"""
    repository = course.repositories / "eve.git"
    blob = git.run("hash-object", "-w", "--stdin", repository=repository, stdin=b"x").strip().decode()
    entries = "".join(f"100644 blob {blob}\t{number:07}\n" for number in range(60_000))
    tree = git.run("mktree", repository=repository, stdin=entries.encode()).decode().strip()
    commit_tree(course, f"040000 tree {tree}\ttwo\n")
    assert "too many files" in course.collect()["eve"]["note"]


def test_without_git(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is it one line that says what is missing?"""
    monkeypatch.setenv("PATH", str(course.root))
    with pytest.raises(ExchangeError, match="git is missing"):
        course.release()


def test_feedback_that_cannot_be_released_stops_nobody(course: Course) -> None:
    for student in ("ada", "bob"):
        course.hand_in(student)
    course.collect()
    (course.repositories / "ada.git" / "HEAD").unlink()
    with pytest.raises(ExchangeError, match="not released to ada"):
        give_feedback(course, "ada", "bob")
    assert git.head(str(course.repositories / "bob.git"), "feedback", timeout=9) is not None


@LEFT_OPEN
def test_a_student_without_a_clone(course: Course) -> None:
    """Do fetch_assignment, submit, list and fetch_feedback do the same with nbgrader's commands only?"""
    home = course.root / "home"
    course.part(GitFetchAssignment, "bob").start()
    assert (home / "two" / "data.txt").read_text() == "released"
    nb = nbformat.read(home / "two" / "two.ipynb", as_version=4)
    nb.cells[1].source = "def double(x): return 2 * x"
    nbformat.write(nb, home / "two" / "two.ipynb")
    course.part(GitSubmit, "bob").start()
    head = git.head(str(course.repositories / "bob.git"), "main", timeout=9)
    course.part(GitSubmit, "bob").start()
    assert git.head(str(course.repositories / "bob.git"), "main", timeout=9) == head
    assert course.collect()["bob"]["commit"] == head
    assert [info["assignment_id"] for info in course.part(GitList).start()] == ["two"]
    (submission,) = course.part(GitList, "bob", cached=True).start()[0]["submissions"]
    assert not submission["has_exchange_feedback"]
    give_feedback(course, "bob")
    (submission,) = course.part(GitList, inbound=True).start()[0]["submissions"]
    assert submission["student_id"] == "bob"
    assert submission["has_exchange_feedback"]
    course.part(GitFetchFeedback, "bob").start()
    (page,) = (home / "two" / "feedback").glob("*/two.html")
    assert page.read_text() == "well done, bob"


def test_a_students_own_address(course: Course) -> None:
    """Does a student who has no roster name the repository in their own configuration?"""
    (course.root / "roster.csv").unlink()
    course.part(GitFetchAssignment, "bob").start()
    (course.root / "home" / "two" / "data.txt").write_text("mine")
    course.part(GitSubmit, "bob", repository=str(course.repositories / "eve.git")).start()
    (course.root / "roster.csv").write_text("student_id\neve\n")
    assert course.collect()["eve"]["commit"]


@pytest.mark.parametrize(
    ("roster", "said"),
    [
        (None, "there is no roster"),
        ("name\nada\n", "the first line must name"),
        ("student_id\nada\nada\n", "line 3: 'ada' is there twice"),
        ("student_id,url\nada,x.git\nbob,x.git\n", "line 3: 'bob' has another student's repository"),
        ("student_id\n../ada\n", "line 2: '../ada' cannot be a student_id"),
        ("student_id\n*\n", "cannot be a student_id"),
        ("student_id,url\nada,ext::sh -c id\n", "is not an address"),
        ("student_id,url\nada,--upload-pack=id\n", "is not an address"),
        ("student_id,url,branch\nada,,--all\n", "cannot be a branch"),
        ("student_id,url\nada,a.git,x,y\n", "more values than columns"),
    ],
)
def test_a_roster_that_cannot_be_used(course: Course, roster: str | None, said: str) -> None:
    """Is it one line that says where?"""
    (course.root / "roster.csv").unlink()
    if roster is not None:
        (course.root / "roster.csv").write_text(roster)
    with pytest.raises(ExchangeError, match=said.replace("*", r"\*").replace("(", r"\(")):
        course.collect()
