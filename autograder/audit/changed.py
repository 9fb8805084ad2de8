"""Finds which sprints a change affects, so that CI audits only those."""

from __future__ import annotations

import subprocess
from pathlib import Path, PurePosixPath

from autograder.errors import BadInput

OF_A_SPRINT = ("reference", "source", "assignments", "graders", "autograder/graders")
"""Folders with one subfolder per sprint."""
EVERYBODYS = ("autograder", "graders", "constraints.txt", "pyproject.toml")
"""Paths that every sprint's grading depends on."""


def changed_sprints(since: str, known: list[str], root: Path) -> list[str]:
    """The sprints that have changed since a commit, or whose grading may have changed.

    Raises
    ------
    BadInput
        when git does not know the commit, or this is not a repository.
    """
    paths = [PurePosixPath(line) for line in _git(root, since)]
    touched = {_sprint(path) for path in paths}
    if None in touched:
        return known
    return [slug for slug in known if slug in touched]


def _sprint(path: PurePosixPath) -> str | None:
    """The sprint a file belongs to; None if all sprints depend on it, "" if none does."""
    for folder in OF_A_SPRINT:
        if path.is_relative_to(folder) and len(path.parts) > len(PurePosixPath(folder).parts) + 1:
            return path.parts[len(PurePosixPath(folder).parts)]
    return None if any(path.is_relative_to(place) for place in EVERYBODYS) else ""


def _git(root: Path, since: str) -> list[str]:
    """Paths that differ between the commit and the working tree, relative to ``root``."""
    try:
        done = subprocess.run(
            ["git", "diff", "--name-only", "-z", "--relative", "--end-of-options", since, "--"],
            cwd=root, capture_output=True, text=True, check=False,
        )  # fmt: skip
    except OSError as error:
        raise BadInput(f"--since needs git: {error}") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BadInput(f"--since {since}: {said[0] if said else 'git failed'}")
    return [name for name in done.stdout.split("\0") if name]
