"""The workflows' steps, read from their files and run as a runner does, and checkouts to run them in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.support.paths import ROOT

STUDENT = ROOT / "docs" / "ci" / "student"
WORKFLOWS = [*sorted((ROOT / ".github" / "workflows").glob("*.yml")), STUDENT / ".github" / "workflows" / "check.yml"]
PIPELINES = [ROOT / ".gitlab-ci.yml", STUDENT / ".gitlab-ci.yml"]
SLUG = "define_by_run"

Commands = list[tuple[str, str, dict[str, str]]]


def load(path: Path) -> dict[str, Any]:
    """A workflow or pipeline as its host reads it."""
    found: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {("on" if key is True else str(key)): value for key, value in found.items()}  # YAML 1.1 reads `on` as true


def github_steps(path: Path, job: str, values: dict[str, str]) -> Commands:
    """Name, command and environment of a job's steps that run something, if their condition is not a failure."""
    workflow = load(path)
    assert workflow["defaults"] == {"run": {"shell": "bash"}}
    found = []
    for step in workflow["jobs"][job]["steps"]:
        if "run" in step and "failure" not in str(step.get("if")):
            env = {**workflow.get("env", {}), **workflow["jobs"][job].get("env", {}), **step.get("env", {})}
            filled = {
                name: re.sub(r"\$\{\{ (.*?) \}\}", lambda match: values[match[1]], str(text))
                for name, text in env.items()
            }
            found.append((step["name"], step["run"], filled))
    return found


def gitlab_script(path: Path, job: str) -> Commands:
    """A job's script, which is one shell's."""
    pipeline = load(path)
    env = {**pipeline.get("variables", {}), **pipeline[job].get("variables", {})}
    script = "\n".join(pipeline[job]["script"])
    return [(job, script, {name: str(text) for name, text in env.items()})]


def run(commands: Commands, place: Path, home: Path, **more: str) -> list[subprocess.CompletedProcess[str]]:
    """Run commands as a runner does, in one folder, each in a shell of its own, to the first that fails."""
    ours = ("COURSE_", "NBGRADER_", "GITHUB_", "CI_", "JUPYTER_", "PYTEST_")
    plain = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    plain |= {"HOME": str(home), "PYTHONPATH": str(place), "GITHUB_STEP_SUMMARY": str(home / "summary.md")}
    done = []
    for name, command, env in commands:
        one = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command],
            cwd=place, env={**plain, **env, **more}, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        done.append(one)
        if one.returncode:
            print(f"{name}: {one.returncode}\n{one.stdout}{one.stderr}")
            break
    return done


def git_(*arguments: str, cwd: Path) -> str:
    """Git as somebody runs it; what it says."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.invalid")
    return subprocess.run(["git", *who, *arguments], cwd=cwd, check=True, capture_output=True, text=True).stdout


def checkout(place: Path) -> Path:
    """This repository's files, committed, with an environment in .venv that is this one."""
    listed = git_("ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)
    git_("init", "--quiet", cwd=place)
    git_("add", "--all", cwd=place)
    git_("commit", "--quiet", "--message", "course", cwd=place)
    environment(place, autograder='-c "from autograder.cli import main; main()"', nbgrader="-P -m nbgrader", python="")
    return place


def environment(place: Path, **programs: str) -> None:
    """A .venv whose programs are this environment's Python with these arguments."""
    folder = place / ".venv" / "bin"
    folder.mkdir(parents=True)
    for name, arguments in programs.items():
        (folder / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        (folder / name).chmod(0o755)
    (place / ".venv" / ".complete").touch()
