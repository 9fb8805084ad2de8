"""A course whose exchange is git, and students with clones of their own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import nbformat
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.bridge.git_exchange import GitCollect, GitExchange, GitReleaseAssignment, GitReleaseFeedback, receipts
from tests.support.builders import released

CLASS = ("ada", "bob", "eve")
PAST = "2020-01-01T00:00:00+00:00"


class Course:
    """A course with the sprint `two`, released to three students over git."""

    def __init__(self, root: Path) -> None:
        self.root = root
        graders, release = root / "graders" / "two", root / "assignments" / "two"
        for folder in (graders, release, root / "home"):
            folder.mkdir(parents=True)
        (graders / "test_double.py").touch()
        nbformat.write(released(), release / "two.ipynb")
        (release / "data.txt").write_text("released")
        (root / "roster.csv").write_text("student_id\n" + "\n".join(CLASS) + "\n")
        self.repositories = root / "exchange" / "course" / "students"

    def part(self, cls: type[GitExchange], student: str = "*", **settings: object) -> GitExchange:
        """One part of the exchange, as nbgrader's commands make it."""
        config = Config()
        config.HiddenGraders.directory = str(self.root / "graders")
        config.Exchange.root = str(self.root / "exchange")
        config.Exchange.assignment_dir = str(self.root / "home")
        config[cls.__name__] = Config(settings)
        coursedir = CourseDirectory(root=str(self.root), course_id="course", assignment_id="two", student_id=student)
        coursedir.release_directory, coursedir.submitted_directory = "assignments", "class/submitted"
        coursedir.autograded_directory, coursedir.feedback_directory = "class/autograded", "class/feedback"
        return cls(coursedir=coursedir, config=config, authenticator=Authenticator())

    def release(self, **settings: object) -> None:
        self.part(GitReleaseAssignment, **settings).start()

    def collect(self, **settings: object) -> dict[str, dict[str, str]]:
        """Collect; the receipts by student."""
        self.part(GitCollect, **settings).start()
        return receipts.read_rows(self.root / "class" / "receipts" / "two.csv")

    def submitted(self, student: str) -> Path:
        return self.root / "class" / "submitted" / student / "two"

    def clone(self, student: str) -> Path:
        """A student's own clone."""
        place = self.root / "clones" / student
        if not place.exists():
            run("clone", "--quiet", str(self.repositories / f"{student}.git"), str(place))
        return place

    def hand_in(self, student: str, answer: str = "def double(x): return 2 * x", when: str | None = None) -> str:
        """Solve the task, commit and push; the commit."""
        clone = self.clone(student)
        nb = nbformat.read(clone / "two" / "two.ipynb", as_version=4)
        nb.cells[1].source = answer
        nbformat.write(nb, clone / "two" / "two.ipynb")
        return self.push(student, when)

    def push(self, student: str, when: str | None = None) -> str:
        """Commit everything in a student's clone and push it."""
        clone = self.clone(student)
        clock = {} if when is None else {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        run("add", "--all", cwd=clone)
        run("commit", "--quiet", "--message", "work", cwd=clone, clock=clock)
        run("push", "--quiet", cwd=clone, clock=clock)
        return run("rev-parse", "HEAD", cwd=clone).strip()


def run(*arguments: str, cwd: Path | None = None, clock: dict[str, str] | None = None) -> str:
    """Git as a student runs it."""
    who = {f"GIT_{role}_{what}": "student" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *arguments],
        cwd=cwd, env=os.environ | who | (clock or {}), check=True, text=True, capture_output=True,
    ).stdout  # fmt: skip


def give_feedback(course: Course, *students: str, page: str = "well done") -> None:
    """Feedback pages as nbgrader generates them, released."""
    for student in students:
        folder = course.root / "class" / "feedback" / student / "two"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "two.html").write_text(f"{page}, {student}")
        (folder / "timestamp.txt").write_text((course.submitted(student) / "timestamp.txt").read_text())
    course.part(GitReleaseFeedback).start()
