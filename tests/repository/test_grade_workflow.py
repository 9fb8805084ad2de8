"""Does a class over git end graded, with feedback for each student, by the workflow's own steps?"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import nbformat
import pytest

from autograder.bridge.git_exchange import git
from autograder.demo.students import demo_students
from tests.support.paths import ROOT
from tests.support.workflows import PIPELINES, SLUG, checkout, git_, github_steps, gitlab_script, run

SEED = "0123456789abcdef"
VALUES = {
    "vars.COURSE_TEMPLATE": "", "inputs.sprint || vars.GRADE_SPRINT": SLUG, "secrets.STUDENTS_TOKEN": "a-token",
    "github.server_url": "https://github.com", "secrets.NBGRADER_DB_URL": "", "vars.GRADE_DUE": "2199-12-31 23:59 UTC",
    "secrets.AUTOGRADER_SEED": SEED,
}  # fmt: skip
"""What the host puts in place of an expression."""
LATE = 'print("::error::forged by a student"); print("## forged")'


@pytest.fixture(scope="module")
def class_of_two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course with a roster; two students have cloned, worked and pushed."""
    return class_of(2, tmp_path_factory.mktemp("class"))


def class_of(number: int, place: Path) -> Path:
    checkout(place)
    names = [f"student{index}" for index in range(number)]
    (place / "roster.csv").write_text("student_id\n" + "\n".join(names) + "\n")
    env = {"COURSE_EXCHANGE": "git", "COURSE_ROSTER": "roster.csv"}
    (done,) = run([("release", f".venv/bin/nbgrader release_assignment {SLUG}", env)], place, place)
    assert done.returncode == 0
    kinds = demo_students(SLUG, ROOT)
    for index, name in enumerate(names):
        clone = place / "course" / "clones" / name
        git_("clone", "--quiet", str(repository(place, name)), str(clone), cwd=place)
        path = clone / SLUG / f"{SLUG}.ipynb"
        notebook = kinds[index % 3].fill_in(nbformat.read(path, as_version=4))
        notebook.cells.append(nbformat.v4.new_code_cell(LATE, id="forged"))
        nbformat.write(notebook, path)
        git_("add", "--all", cwd=clone)
        git_("commit", "--quiet", "--message", "work", cwd=clone)
        git_("push", "--quiet", cwd=clone)
    return place


def repository(place: Path, student: str) -> Path:
    return place / "course" / "exchange" / "dl-frameworks" / "students" / f"{student}.git"


# the second finds what the first has done, and does it again
@pytest.mark.parametrize("host", ["github", pytest.param("gitlab", marks=pytest.mark.slow)])
def test_grading(class_of_two: Path, home: Path, host: str) -> None:
    """From collect to feedback: does each student have theirs, and the instructor the grades?"""
    place, policy = class_of_two, os.environ.get("AUTOGRADER_SANDBOX", "required")
    if host == "github":
        steps = github_steps(ROOT / ".github" / "workflows" / "grade.yml", "grade", VALUES)
        allow, *steps = [steps[1], *steps[:1], *steps[2:]]
        steps = [allow, *steps] if policy == "required" else steps
        done = run(steps, place, home, AUTOGRADER_SANDBOX=policy)
        assert [one.returncode for one in done] == [0] * len(steps)
        assert "define_by_run" in (home / "summary.md").read_text()
    else:
        given = {"SPRINT": SLUG, "STUDENTS_TOKEN": "a-token", "CI_SERVER_HOST": "gitlab.com", "AUTOGRADER_SEED": SEED}
        commands = gitlab_script(PIPELINES[0], "grade")
        if policy != "required":
            commands = [(name, script.replace(".ci/allow-sandbox", "true"), env) for name, script, env in commands]
        done = run(commands, place, home, AUTOGRADER_SANDBOX=policy, DUE="2199-12-31 23:59 UTC", **given)
        assert [one.returncode for one in done] == [0]
    printed = "".join(one.stdout + one.stderr for one in done)
    assert not [line for line in printed.splitlines() if line.startswith(("::", "##"))]
    assert "a-token" not in printed
    grades = (place / "course" / "grades.csv").read_text()
    for student in ("student0", "student1"):
        assert re.search(rf"{SLUG},2199-12-31 23:59:00,[^,]+,{student},,,,40.0,0.0,40.0,40.0", grades), grades
        head = git.head(str(repository(place, student)), "feedback", timeout=60)
        assert head is not None
        page = git.run("show", f"{head}:{SLUG}/{SLUG}.html", repository=repository(place, student)).decode()
        assert "2 of 2 points" in page
    results = place / "course" / "results" / "student0" / SLUG
    assert json.loads((results / "results.json").read_text())["score"] == 40
    assert (place / "course" / "receipts" / f"{SLUG}.csv").is_file()


@pytest.mark.slow
def test_ten_students_take_a_minute(tmp_path: Path, home: Path) -> None:
    """Do the steps from collect to feedback take 60 s on two cores?

    CPU time is counted, so that a busy machine does not decide; grading alone uses both cores.
    """
    place = class_of(10, tmp_path / "ten")
    took = 0.0
    for step in github_steps(ROOT / ".github" / "workflows" / "grade.yml", "grade", VALUES)[4:]:
        before = os.times()
        (done,) = run([step], place, home, AUTOGRADER_SANDBOX=os.environ.get("AUTOGRADER_SANDBOX", "required"))
        after = os.times()
        assert done.returncode == 0
        cpu = after.children_user - before.children_user + after.children_system - before.children_system
        took += cpu / 2 if step[0] == "Grade" else cpu
    assert took < 60, f"{took:.0f} s"
