"""When a submission came in, and by whose clock.

A repository on this machine keeps a log of pushes and their times. The process that receives a push writes it. For a
push by a path that process is the student's own, and so is its clock. So such a time counts only where the files of the
repository bear it out; otherwise the commit came in when they say (:mod:`.arrivals`), and at the latest when it was
collected. For a repository elsewhere, git knows only the commits. The time of a commit is that of the committer's
computer, which can be set to anything: the committer's clock.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast

from autograder.bridge.git_exchange import git
from autograder.bridge.git_exchange.arrivals import arrivals
from autograder.bridge.git_exchange.git import GitError
from autograder.bridge.git_exchange.tree import tree_of
from autograder.bridge.times import YEARS, read_utc
from autograder.errors import BadInput
from autograder.notebook.files import open_plain, write_whole
from autograder.text import plain

Clock = Literal["receiver", "arrival", "collection", "committer"]
CLOCKS: dict[str, str] = {
    "receiver": "the receiving repository's clock",
    "arrival": "this machine's clock when the commit's file was written, as the log of pushes does not agree with it",
    "collection": "the clock at the time of collection, as nothing says when the commit came in",
    "committer": "the committer's own clock, which can be set to anything",
}
COLUMNS = ("student_id", "commit", "time", "clock", "note")
MAX_LOG = 4 << 20
TOLERANCE = 60.0
"""Seconds by which the clocks of the log and of the file system may differ; the later of the two counts."""
MAX_COMMITS = 1_000
"""The most commits of a branch without a log that are looked at, the newest ones."""
_ENTRY = re.compile(r"[0-9a-f]+ (?P<commit>[0-9a-f]{40,64}) [^\t]* (?P<time>\d{1,12}) [+-]\d{4}(?:\t.*)?")


@dataclass(frozen=True)
class Push:
    """One push: the commit a branch was set to, when, in seconds since 1970, and by whose clock."""

    commit: str
    time: float
    clock: Clock = "receiver"


@dataclass(frozen=True)
class Receipt:
    """What was collected from a student's repository: the commit, when its content came in, and by which clock."""

    commit: str
    time: datetime
    clock: Clock


def pushes(repository: Path, branch: str, *, trusted: bool, timeout: float) -> list[Push]:
    """The pushes to a bare repository on this machine from its log, oldest first; empty if it keeps no log.

    ``trusted``: whether only a server writes into the repository, so that the log counts as it is.
    """
    logged = _logged(repository, branch)
    return logged if trusted else _bounded(repository, logged, timeout)


def unlogged(repository: Path, head: str, history: Path, *, timeout: float) -> list[Push]:
    """What came into a repository that students can write to and that has no log, commit by commit, oldest first.

    ``history``: the platform's own repository with the commits up to ``head``. git must not read history in one that
    a student can write to: its configuration names programs.
    """
    said = git.run("log", "--first-parent", f"--max-count={MAX_COMMITS}", "--format=%H", head,
                   repository=history, timeout=timeout)  # fmt: skip
    return _bounded(repository, [Push(commit, 0) for commit in reversed(git.lines(said))], timeout)


def _logged(repository: Path, branch: str) -> list[Push]:
    """The pushes in the repository's log."""
    try:
        with open_plain(repository, Path("logs", "refs", "heads", branch)) as file:
            text = file.read(MAX_LOG).decode("utf-8", "replace")
    except OSError:
        return []
    # by git's own line ends alone: the name of who pushed may have any other separator in it
    found = [_ENTRY.fullmatch(line) for line in text.split("\n")]
    return [Push(entry["commit"], float(entry["time"])) for entry in found if entry]


def _bounded(repository: Path, logged: list[Push], timeout: float) -> list[Push]:
    """Pushes at the time in the log if the commit's file bears it out, otherwise no earlier than can be known."""
    came, now = arrivals(repository, {push.commit for push in logged}, timeout=timeout), datetime.now(UTC).timestamp()
    return [_no_earlier(push, came.get(push.commit), now) for push in logged]


def _no_earlier(push: Push, came: float | None, now: float) -> Push:
    if came is None:
        return Push(push.commit, float(int(now)), "collection")
    came = float(int(min(came, now)))
    borne_out = came - TOLERANCE <= push.time <= now + TOLERANCE
    return Push(push.commit, max(came, push.time) if borne_out else came, push.clock if borne_out else "arrival")


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
        return Receipt(commit, _moment(known[at].time), known[at].clock)
    said = git.run("log", "-1", "--format=%ct", commit, "--", folder, repository=repository, timeout=timeout)
    return Receipt(commit, _moment(float(said or 0)), "committer")


def first(new: Receipt, row: dict[str, str], repository: Path, folder: str) -> Receipt:
    """The receipt of an earlier collection, as ``row``, if it was given for the same content; otherwise the new one.

    A receiving side forgets: a host lists its last pushes, and a repository that is packed anew has new files.
    """
    commit, clock = row.get("commit", ""), row.get("clock", "")
    if clock not in ("receiver", "arrival", "collection") or not commit:
        return new
    try:
        time = read_utc(row.get("time", "")).replace(tzinfo=UTC)
    except BadInput:
        return new
    same = tree_or_none(repository, commit, folder) == tree_of(repository, new.commit, folder)
    return Receipt(commit, time, cast("Clock", clock)) if same and time < new.time else new


def tree_or_none(repository: Path, commit: str, folder: str) -> str | None:
    """The folder's tree, or None if the commit is gone, for example after a forced push."""
    try:
        return tree_of(repository, commit, folder)
    except GitError:
        return None


def _moment(seconds: float) -> datetime:
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise GitError(f"{seconds:.0f} is not a time") from None
    if moment.year not in YEARS:
        raise GitError(f"{seconds:.0f} is not a time of the years {YEARS.start} to {YEARS.stop - 1}")
    return moment


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
