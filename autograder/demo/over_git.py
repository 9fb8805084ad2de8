"""`make demo-git`: a class of five over git, with nbgrader's and git's own commands; one attacks, one is late."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from autograder.bridge.git_exchange.receipts import read_rows
from autograder.course.sprint import data_folder, find_sprint, graders_folder, project_root
from autograder.demo.class_of_six import DemoResult, autograde_all, fresh_folder, read_gradebook
from autograder.demo.nbgrader_app import nbgrader
from autograder.demo.students import DemoStudent, demo_students, forge
from autograder.environments import build_for
from autograder.errors import PlatformFault

LATE, ATTACKER = "dina", "mallory"
HUGE = 300_000_000
SECRET = "the-grading-token"
"""A value in the environment of the grading machine that nobody else may read."""
CONFIG = """from pathlib import Path
from autograder.bridge.config import configure
from autograder.bridge.git_exchange import use_git
c = get_config()
configure(c, Path({course!r}))
c.HiddenGraders.directory = {graders!r}
use_git(c)
c.GitExchange.roster = 'roster.csv'
c.GradeNotebook.sandbox = 'preferred'
c.LatePolicy.penalty_per_day = 10
"""
WORKFLOW = """on: push
jobs:
  print:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ toJSON(secrets) }}" && env && cat ../*/autograder/graders/*/*.py
"""
PEEK = """
import glob, os
print("loot:", os.environ.get("GRADING_TOKEN"))
for path in ["graders", ".", "..", "/"]:
    for name in glob.glob(f"{path}/**/test_*.py", recursive=True)[:9]:
        print("loot:", open(name).read()[:2000])
"""


@dataclass
class GitDemo:
    """The outcome of the demo.

    Attributes
    ----------
    results, penalties
        each student's points by task, and the points taken off for lateness, by student
    loot
        what the attacker gained, in words; empty if nothing
    again
        the files that a second collection changed; empty if none
    pages
        the feedback pages that students pulled, by student
    seconds
        the time from the first collection to released feedback
    """

    results: list[DemoResult]
    penalties: dict[str, float]
    loot: list[str]
    again: list[str]
    pages: dict[str, Path]
    seconds: float


def run_demo_git(slug: str, folder: Path | None = None, console: Console | None = None) -> GitDemo:
    """Release, clone, commit, push, collect twice, grade, give feedback, pull; print the table.

    ``folder`` (default: ``demo-git`` in the class's folder) is made anew each time; nothing outside it is changed.

    Raises
    ------
    BadInput
        when the sprint is unknown, its environment does not build, or the folder is not an earlier demo's.
    PlatformFault
        when a command fails.
    """
    root, console = project_root(), console or Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = max(console.width, 120)
    build_for(find_sprint(slug, root), console.print)
    course, students = fresh_folder(folder or data_folder(root) / "demo-git"), the_class(slug, root)
    _lay_out(slug, root, course, students)
    place = Demo(slug, course, course / "nbgrader.log", console)

    place.nbgrader("generate_assignment", slug)
    place.nbgrader("release_assignment", slug)
    for student in students:
        if student.id != LATE:
            place.hand_in(student)
    due = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    place.nbgrader("db", "assignment", "add", slug, f"--duedate={due}")
    time.sleep(1.1)  # the log of pushes has a resolution of one second
    place.hand_in(next(student for student in students if student.id == LATE))

    start = time.monotonic()
    place.nbgrader("collect", slug)
    before = place.collected()
    place.nbgrader("collect", slug, "--update")
    again = [name for name, content in (before | place.collected()).items() if before.get(name) != content]
    os.environ["GRADING_TOKEN"] = SECRET
    try:
        console.print(f"$ nbgrader autograde {slug}", style="dim")
        seconds = autograde_all(slug, course, place.log, lambda student: console.print(f"  {student}", style="dim"))
    finally:
        del os.environ["GRADING_TOKEN"]
    place.nbgrader("generate_feedback", slug)
    place.nbgrader("release_feedback", slug)
    took = time.monotonic() - start
    pages = {student.id: place.pull_feedback(student.id) for student in students}
    results, worth = read_gradebook(slug, course, students, seconds)
    done = GitDemo(results, read_penalties(slug, course), place.loot(results), again, pages, took)
    show(done, worth, place)
    return done


def _lay_out(slug: str, root: Path, course: Path, students: list[DemoStudent]) -> None:
    """Make a course with the sprint's source, the configuration and the roster."""
    shutil.copytree(root / "source" / slug, course / "source" / slug)
    (course / "nbgrader_config.py").write_text(CONFIG.format(course=str(course), graders=str(graders_folder(root))))
    (course / "roster.csv").write_text("student_id\n" + "".join(f"{student.id}\n" for student in students))


def the_class(slug: str, root: Path) -> list[DemoStudent]:
    """Three students of the other demo, one who is late, and one who attacks."""
    known = {student.id: student for student in demo_students(slug, root)}
    late = DemoStudent(LATE, "all right, too late", known["aiko"].fill_in)
    attacker = DemoStudent(ATTACKER, "attacks", forge)
    return [known["aiko"], known["bela"], known["chen"], late, attacker]


@dataclass
class Demo:
    """One run: the sprint, its folder, and the commands in it."""

    slug: str
    course: Path
    log: Path
    console: Console

    def nbgrader(self, *arguments: str) -> None:
        """Run an nbgrader command, and print it."""
        self.console.print(f"$ nbgrader {' '.join(arguments)}", style="dim")
        nbgrader(*arguments, cwd=self.course, log=self.log)

    def git(self, *arguments: str, cwd: Path) -> None:
        """Run git as a student does.

        Raises
        ------
        PlatformFault
            when it fails.
        """
        who = ("-c", f"user.name={cwd.name}", "-c", f"user.email={cwd.name}@example.invalid")
        done = subprocess.run(["git", *who, *arguments], cwd=cwd, capture_output=True, text=True, check=False)
        with self.log.open("a", encoding="utf-8") as file:
            file.write(f"$ git {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        if done.returncode:
            raise PlatformFault(f"'git {arguments[0]}' ended with {done.returncode}: see {self.log}")

    def repository(self, student: str) -> Path:
        """The bare repository of a student."""
        return self.course / "course" / "exchange" / "dl-frameworks" / "students" / f"{student}.git"

    def hand_in(self, student: DemoStudent) -> None:
        """Clone, work, commit, push."""
        self.console.print(f"$ git clone, commit, push  ({student.id})", style="dim")
        home = self.course / "students" / student.id
        home.mkdir(parents=True)
        self.git("clone", "--quiet", str(self.repository(student.id)), "work", cwd=home)
        path = home / "work" / self.slug / f"{self.slug}.ipynb"
        notebook = student.fill_in(nbformat.read(path, as_version=4))
        nbformat.write(notebook, path)
        if student.id == ATTACKER:
            self.attack(home / "work")
        self.git("-C", "work", "add", "--all", cwd=home)
        self.git("-C", "work", "commit", "--quiet", "--message", f"Solve {self.slug}", cwd=home)
        self.git("-C", "work", "push", "--quiet", cwd=home)
        if student.id == ATTACKER:
            self.plant_hooks()

    def attack(self, clone: Path) -> None:
        """Add links to the graders, a file of 300 MB, a workflow that prints secrets, and code that looks for them."""
        folder = clone / self.slug
        (folder / "graders").symlink_to(graders_folder())
        (folder / "test_mine.py").symlink_to(next((graders_folder() / self.slug).glob("test_*.py")))
        with (folder / "data.bin").open("wb") as file:
            file.truncate(HUGE)
        (clone / ".github" / "workflows").mkdir(parents=True)
        (clone / ".github" / "workflows" / "print.yml").write_text(WORKFLOW)
        path = folder / f"{self.slug}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.insert(0, nbformat.v4.new_code_cell(PEEK, id="peek"))
        nbformat.write(notebook, path)

    def plant_hooks(self) -> None:
        """Put hooks into the attacker's own repository, which the instructor's git reads from and pushes to."""
        hooks = self.repository(ATTACKER) / "hooks"
        hooks.mkdir(exist_ok=True)
        for name in ("pre-receive", "update", "post-receive", "post-update", "reference-transaction"):
            (hooks / name).write_text(f"#!/bin/sh\ntouch '{self.mark}'\n")
            (hooks / name).chmod(0o755)

    @property
    def mark(self) -> Path:
        """The file that the attacker's hooks would create."""
        return self.course / "a_hook_ran"

    def collected(self) -> dict[str, tuple[int, int]]:
        """The size and modification time of every collected file."""
        files = (path for path in (self.course / "course" / "submitted").rglob("*") if path.is_file())
        return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}

    def pull_feedback(self, student: str) -> Path:
        """Get the feedback as a student does; return the path of its page."""
        home = self.course / "students" / student
        branch = ("--branch", "feedback", "--single-branch")
        self.git("clone", "--quiet", *branch, str(self.repository(student)), "feedback", cwd=home)
        self.git("-C", "feedback", "pull", "--quiet", cwd=home)
        return home / "feedback" / self.slug / f"{self.slug}.html"

    def loot(self, results: list[DemoResult]) -> list[str]:
        """What the attacker gained: points, hidden tests, secrets, a hook that ran, links, or disk space."""
        points = next(result.total for result in results if result.student.id == ATTACKER)
        found = [f"{points:g} points"] if points else []
        if self.mark.exists():
            found.append("a hook ran")
        graders = graders_folder() / self.slug
        tests = {line for path in graders.glob("test_*.py") for line in path.read_text().splitlines()}
        hidden = {
            line.strip() for line in tests if re.match(r"\s*(assert|check)\w*[ (]", line) and len(line.strip()) > 30
        }
        for step in ("submitted", "autograded", "feedback"):
            for path in (self.course / "course" / step / ATTACKER).rglob("*"):
                if path.is_symlink():
                    found.append(f"{path.name} is a link")
                elif path.is_file() and path.stat().st_size > HUGE // 10:
                    found.append(f"{path.name} is {path.stat().st_size / 1e6:.0f} MB")
                elif path.is_file():
                    text = path.read_text(encoding="utf-8", errors="replace")
                    found += [f"{path.name} shows a secret"] * (f"loot: {SECRET}" in text)
                    found += [f"{path.name} shows a hidden test"] * any(line in text for line in hidden)
        return found


def read_penalties(slug: str, course: Path) -> dict[str, float]:
    """The points taken off for lateness, by student."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'course' / 'gradebook.db'}", "dl-frameworks") as book:
        return {one.student_id: one.late_submission_penalty for one in book.assignment_submissions(slug)}


def show(done: GitDemo, worth: dict[str, float], place: Demo) -> None:
    """Print the class as a table, what the attacker gained, and where to look."""
    table = Table(title=f"{place.slug}: the class in the gradebook")
    for name in ("student", "who"):
        table.add_column(name, no_wrap=True)
    for name in (*map(str, range(1, len(worth) + 1)), "points", "late", "score"):
        table.add_column(name, justify="right", no_wrap=True)
    for result in done.results:
        name, penalty = result.student.id, done.penalties[result.student.id]
        tasks = (
            f"{points:g}" if points == worth[task] else f"[red]{points:g}" for task, points in result.points.items()
        )
        late = f"[red]-{penalty:g}" if penalty else ""
        table.add_row(name, result.student.story, *tasks, f"{result.total:g}", late, f"{result.total - penalty:g}")
    say, receipts = place.console.print, read_rows(place.course / "course" / "receipts" / f"{place.slug}.csv")
    say(table)
    say(f"Refused of {ATTACKER}'s repository: {receipts[ATTACKER]['note']}", markup=False)
    say(f"{ATTACKER} gained: {', '.join(done.loot) or 'nothing'}", markup=False)
    say(f"Collecting again changed: {', '.join(done.again) or 'nothing'}", markup=False)
    say(f"From collect to feedback: {done.seconds:.0f} s", markup=False)
    say(f"{done.pages[LATE]}  what a student pulls", markup=False)
    say(f"{place.log}  what nbgrader and git said", markup=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sprint", dest="slug", default="define_by_run")
    parser.add_argument("--folder", type=Path)
    run_demo_git(**vars(parser.parse_args()))
