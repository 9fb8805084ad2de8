"""Are the sprints that a change touches audited, all of them when it touches what they share, and no others?"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from autograder.audit.changed import changed_sprints
from autograder.errors import BadInput

KNOWN = ["one", "two"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for path in (
        "reference/one/one.py", "autograder/graders/two/test_a.py", "autograder/grading/run.py", "docs/x.md",
        "graders/one/test_a.py", "graders/oracles.py",
    ):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("1\n")
    for command in ("init -q", "add -A", "-c user.name=a -c user.email=a@b commit -qm a"):
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.parametrize(
    ("touched", "audited"),
    [
        ([], []),
        (["docs/x.md"], []),
        (["reference/one/one.py"], ["one"]),
        (["autograder/graders/two/test_a.py", "docs/x.md"], ["two"]),
        (["reference/one/one.py", "autograder/graders/two/test_a.py"], KNOWN),
        (["autograder/grading/run.py"], KNOWN),
        (["graders/one/test_a.py"], ["one"]),
        (["graders/oracles.py"], KNOWN),
    ],
)
def test_what_is_touched_is_audited(repository: Path, touched: list[str], audited: list[str]) -> None:
    for path in touched:
        (repository / path).write_text("2\n")
    assert changed_sprints("HEAD", KNOWN, repository) == audited


@pytest.mark.parametrize("since", ["no-such-commit", "--output=x"])
def test_a_commit_that_git_does_not_know_is_one_line(repository: Path, since: str) -> None:
    with pytest.raises(BadInput, match=f"--since {since}"):
        changed_sprints(since, KNOWN, repository)
    assert not (repository / "x").exists()
