"""Is a release a commit on the template, with everything else left as it is?"""

from __future__ import annotations

import pytest
from nbgrader.exchange import ExchangeError

from autograder.bridge.git_exchange import git
from tests.support.git_courses import Course, run


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


def test_without_git(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is it one line that says what is missing?"""
    monkeypatch.setenv("PATH", str(course.root))
    with pytest.raises(ExchangeError, match="git is missing"):
        course.release()
