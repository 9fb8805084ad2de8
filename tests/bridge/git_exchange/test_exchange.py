"""Does nbgrader's exchange work over real git, and does nothing in a student's repository act on this machine?"""

from __future__ import annotations

import nbformat
import pytest

from autograder.bridge.git_exchange import GitFetchAssignment, GitFetchFeedback, GitList, GitSubmit, git
from tests.support.git_courses import Course, give_feedback, run

LEFT_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # files, by nbgrader's list


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
    course.collect()
    course.part(GitList, inbound=True).start()
    give_feedback(course, "eve")
    assert git.head(str(repository), "feedback", timeout=9) is not None
    assert not mark.exists()


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
