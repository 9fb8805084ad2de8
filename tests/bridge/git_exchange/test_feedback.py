"""Does feedback reach its student and nobody else?"""

from __future__ import annotations

import pytest
from nbgrader.exchange import ExchangeError

from autograder.bridge.git_exchange import git
from tests.support.git_courses import Course, give_feedback, run


def test_feedback_reaches_its_student_and_nobody_else(course: Course) -> None:
    for student in ("ada", "bob"):
        course.hand_in(student)
    course.collect()
    give_feedback(course, "ada", "bob")
    for student in ("ada", "bob"):
        clone = course.clone(student)
        run("fetch", "--quiet", cwd=clone)
        assert run("show", "origin/feedback:two/two.html", cwd=clone) == f"well done, {student}"
    assert git.head(str(course.repositories / "eve.git"), "feedback", timeout=60) is None
    before = git.head(str(course.repositories / "ada.git"), "feedback", timeout=60)
    give_feedback(course, "ada", "bob")
    assert git.head(str(course.repositories / "ada.git"), "feedback", timeout=60) == before
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
    assert git.head(str(shared), "feedback", timeout=60) is None
    assert git.head(str(course.repositories / "eve.git"), "feedback", timeout=60) is not None


def test_feedback_that_cannot_be_released_stops_nobody(course: Course) -> None:
    for student in ("ada", "bob"):
        course.hand_in(student)
    course.collect()
    (course.repositories / "ada.git" / "HEAD").unlink()
    with pytest.raises(ExchangeError, match="not released to ada"):
        give_feedback(course, "ada", "bob")
    assert git.head(str(course.repositories / "bob.git"), "feedback", timeout=60) is not None
