"""Do the workflows do what docs/ci.md says? A linter reads them, and the steps of the course's own check are run here.

`uses:` steps are the hosts' own and are left out, with the installation that they cache; `make test` is this very run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.jail import bubblewrap
from tests.support.paths import ROOT
from tests.support.workflows import PIPELINES, SLUG, STUDENT, WORKFLOWS, git_, github_steps, load, run

# what a linter and a reader see


def test_actionlint_finds_nothing() -> None:
    program = shutil.which("actionlint", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    assert program is not None, "actionlint is part of the development environment: make"
    done = subprocess.run([program, *map(str, WORKFLOWS)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_workflow_gives_away_what_it_has(path: Path) -> None:
    """Has each only the right to read, no foreign text in a script, and no secret where a stranger's code runs?"""
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in str(workflow["on"])
    for job in workflow["jobs"].values():
        assert "timeout-minutes" in job
        assert not [step for step in job["steps"] if "${{" in step.get("run", "")]
        assert not [
            step for step in job["steps"] if not re.fullmatch(r"actions/[\w-]+@v\d+", step.get("uses", "actions/x@v1"))
        ]
    if path.stem != "grade":
        assert "secrets." not in path.read_text()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_the_environment_is_cached(path: Path) -> None:
    for job in load(path)["jobs"].values():
        cached = [step["with"] for step in job["steps"] if step.get("uses", "").startswith("actions/cache@")]
        assert ".venv" in [one["path"] for one in cached]
        assert all("hashFiles" in one["key"] for one in cached if one["path"] == ".venv")


def test_what_students_get_names_nothing_hidden() -> None:
    for path in (path for path in STUDENT.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        text = path.read_text()
        assert not re.search(r"autograder|graders/|reference/|secrets\.", text), path


# the course's own


@pytest.mark.slow
def test_graders_job(course: Path, home: Path) -> None:
    """Is the release found up to date, and is nothing audited when nothing has changed?"""
    head = git_("rev-parse", "HEAD", cwd=course).strip()
    values = {"github.event.pull_request.base.sha || github.event.before": head}
    steps = github_steps(ROOT / ".github" / "workflows" / "course.yml", "graders", values)
    assert [name for name, _, _ in steps] == [
        "Install",
        "Release up to date",
        "Allow the sandbox",
        "Audit what changed",
    ]
    if bubblewrap.missing() is not None:
        steps = [step for step in steps if step[0] != "Allow the sandbox"]
    assert [one.returncode for one in run(steps, course, home)] == [0] * len(steps)


def test_a_release_that_is_not_up_to_date_is_found(course: Path, home: Path, tmp_path: Path) -> None:
    place = tmp_path / "changed"
    shutil.copytree(course, place, symlinks=True)
    notebook = place / "assignments" / SLUG / f"{SLUG}.ipynb"
    notebook.write_text(notebook.read_text().replace("requires_grad", "needs_grad"))
    git_("commit", "--quiet", "--all", "--message", "edited by hand", cwd=place)
    command = f"make --no-print-directory release SPRINT={SLUG} && git diff --exit-code --stat -- source assignments"
    steps = github_steps(ROOT / ".github" / "workflows" / "course.yml", "graders", {
        "github.event.pull_request.base.sha || github.event.before": ""})  # fmt: skip
    assert command.rpartition(" && ")[2] in steps[1][1]
    (done,) = run([("release", command, {})], place, home)
    assert done.returncode == 1
    assert f"assignments/{SLUG}/{SLUG}.ipynb" in done.stdout


def test_gitlab_runs_the_same_commands() -> None:
    """Are the jobs of both hosts the same, but for what differs between them?"""
    course, grade = (load(ROOT / ".github" / "workflows" / f"{name}.yml") for name in ("course", "grade"))
    pipeline = load(PIPELINES[0])
    jobs = {**course["jobs"], **grade["jobs"]}
    for name, job in jobs.items():
        ours = "\n".join(step.get("run", "") for step in job["steps"])
        theirs = "\n".join(pipeline[name]["script"])
        for tool in ("make", "nbgrader", "autograder", ".ci/"):
            pattern = rf"(?:\.venv/bin/)?{re.escape(tool)}[ \w/-]*(?: \"\$SPRINT\")?"
            assert re.findall(pattern, ours) == re.findall(pattern, theirs), (name, tool)


def test_where_the_sandbox_cannot_be_had(course: Path, home: Path, tmp_path: Path) -> None:
    """Does the job end with one line that says why?"""
    place = tmp_path / "changed"
    shutil.copytree(course, place, symlinks=True)
    with (place / "autograder" / "jail" / "bubblewrap.py").open("a") as file:
        file.write("\n\ndef missing():\n    return 'bubblewrap may not make namespaces (EPERM): as root, do this'\n")
    (done,) = run([("sandbox", ".ci/allow-sandbox", {})], place, home, GITHUB_ACTIONS="true")
    assert done.returncode == 1
    assert done.stdout == (
        "::error::nothing can be graded on this runner: sandbox: bubblewrap may not make namespaces (EPERM): as root,"
        " do this (docs/ci.md: what a runner needs)\n"
    )
