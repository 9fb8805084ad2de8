"""When a submission came in, and by whose clock.

A repository on this machine keeps a log of pushes and their times: the receiving side's clock. For a repository
elsewhere, git knows only the commits. The time of a commit is that of the committer's computer, which can be set to
anything: the committer's clock.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from autograder.bridge.git_exchange import git
from autograder.bridge.git_exchange.git import GitError
from autograder.bridge.git_exchange.tree import tree_of
from autograder.notebook.files import write_whole
from autograder.text import plain

Clock = Literal["receiver", "committer"]
CLOCKS: dict[str, str] = {
    "receiver": "the receiving repository's clock",
    "committer": "the committer's own clock, which can be set to anything",
}
COLUMNS = ("student_id", "commit", "time", "clock", "note")
MAX_LOG = 4 << 20
TOLERANCE = 60.0
"""Seconds allowed between the time of a push and the last change of the log, which takes time to write."""
_ENTRY = re.compile(r"[0-9a-f]+ (?P<commit>[0-9a-f]{40,64}) [^\t]* (?P<time>\d{1,12}) [+-]\d{4}(?:\t.*)?")


@dataclass(frozen=True)
class Push:
    """One push: the commit a branch was set to, and when, in seconds since 1970."""

    commit: str
    time: float


@dataclass(frozen=True)
class Receipt:
    """What was collected from a student's repository: the commit, when its content came in, and by which clock."""

    commit: str
    time: datetime
    clock: Clock


def pushes(repository: Path, branch: str, *, embedded: bool) -> list[Push]:
    """The pushes to a bare repository on this machine from its log, oldest first; empty if it keeps no log.

    The process that receives a push writes the time into the log. In an ``embedded`` repository, which is reached
    through the file system, that process is the student's, who can set its time with an environment variable. There
    the last push counts as no earlier than the log file was written.
    """
    log = repository / "logs" / "refs" / "heads" / branch
    try:
        with log.open("rb") as file:
            text = file.read(MAX_LOG).decode("utf-8", "replace")
        written = log.stat().st_mtime
    except OSError:
        return []
    found = [_ENTRY.fullmatch(line) for line in text.splitlines()]
    known = [Push(entry["commit"], float(entry["time"])) for entry in found if entry]
    if embedded and known and written - known[-1].time > TOLERANCE:
        known[-1] = Push(known[-1].commit, written)
    return known


def choose(
    head: str,
    known: list[Push],
    due: datetime | None,
    repository: Path,
    has_work: Callable[[str], bool],
    *,
    timeout: float,
) -> str:
    """The commit to collect: the head or, with a due date, the last commit in time with work in it, if there is one."""
    if due is None:
        return head
    limit = due.replace(tzinfo=UTC).timestamp()
    if known and known[-1].commit == head:
        in_time = (push.commit for push in reversed(known) if push.time <= limit)
        return next(filter(has_work, in_time), head)
    said = git.run("log", "--first-parent", "--format=%H %ct", head, repository=repository, timeout=timeout)
    dated = (line.split() for line in git.lines(said))
    return next(filter(has_work, (commit for commit, time in dated if int(time) <= limit)), head)


def receipt(commit: str, folder: str, known: list[Push], repository: Path, *, timeout: float) -> Receipt:
    """When the content of a commit's folder came in; later pushes that do not change the folder do not count.

    Raises
    ------
    GitError
        when git does not know the commit, or its time is not valid.
    """
    at = next((place for place in range(len(known) - 1, -1, -1) if known[place].commit == commit), None)
    if at is not None:
        tree = tree_of(repository, commit, folder)
        while at > 0 and tree_or_none(repository, known[at - 1].commit, folder) == tree:
            at -= 1
        return Receipt(commit, _moment(known[at].time), "receiver")
    said = git.run("log", "-1", "--format=%ct", commit, "--", folder, repository=repository, timeout=timeout)
    return Receipt(commit, _moment(float(said or 0)), "committer")


def tree_or_none(repository: Path, commit: str, folder: str) -> str | None:
    """The folder's tree, or None if the commit is gone, for example after a forced push."""
    try:
        return tree_of(repository, commit, folder)
    except GitError:
        return None


def _moment(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise GitError(f"{seconds:.0f} is not a time") from None


def read_rows(path: Path) -> dict[str, dict[str, str]]:
    """The receipts of an assignment by student; empty when nothing has been collected."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return {row["student_id"]: row for row in csv.DictReader(file)}
    except (OSError, KeyError):
        return {}


def write_rows(path: Path, rows: dict[str, dict[str, str]]) -> None:
    """Write the receipts, completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows({name: plain(value) for name, value in row.items()} for _, row in sorted(rows.items()))
    write_whole(path, text.getvalue())
