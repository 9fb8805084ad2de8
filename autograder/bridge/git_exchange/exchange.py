"""nbgrader's exchange over git remotes: what its parts have in common."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NoReturn

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import Exchange
from nbgrader.utils import get_username
from traitlets import Bool, Dict, Float, Unicode

from autograder.bridge.git_exchange import git, tree
from autograder.bridge.git_exchange.contained import check_contained
from autograder.bridge.git_exchange.git import GitError
from autograder.bridge.git_exchange.hosts import HOSTS, HostError, host_pushes
from autograder.bridge.git_exchange.receipts import Push, pushes, unlogged
from autograder.bridge.git_exchange.roster import Student, address, read_roster
from autograder.errors import BadInput
from autograder.temporary import temporary_folder
from autograder.text import clean

TOKEN = "COURSE_HOST_TOKEN"
"""The environment variable with the token for the hosts' APIs."""
EMBEDDED = {
    "core.logAllRefUpdates": "always",  # records the time of each push
    "gc.auto": "0",  # gc would rewrite the log
    "receive.autogc": "false",
    "receive.fsckObjects": "true",
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
}


class GitExchange(Exchange):
    """Assignments, submissions and feedback in git repositories.

    There is one template repository for the releases, and one repository per student. A repository without an address
    is embedded: a bare repository in the exchange's folder, made when an assignment is released.
    """

    roster = Unicode(
        "roster.csv", help="CSV file with the columns student_id, url, branch; relative to the course's folder."
    ).tag(config=True)
    template = Unicode("", help="Address of the template repository; by default in the exchange's folder.").tag(
        config=True
    )
    repository = Unicode("", help="A student's own setting: the address of their repository.").tag(config=True)
    branch = Unicode("main", help="The template's branch, and that of students without one in the roster.").tag(
        config=True
    )
    feedback_branch = Unicode("feedback", help="The branch of a student's repository that gets feedback.").tag(
        config=True
    )
    hosts = Dict(
        HOSTS, help="Hosts to ask when they received a push: name to 'github' or 'gitlab'; needs a token."
    ).tag(config=True)
    server_logs = Bool(
        False,
        help="Do students reach the repositories on this machine, other than the embedded ones, only through a server? "
        "Then the times in their logs are the server's, and count also where the files are copies.",
    ).tag(config=True)
    timeout = Float(120.0, help="Seconds that one git command may take.").tag(config=True)
    max_fetch_size = Float(100_000.0, help="Kilobytes to fetch from one repository at most.").tag(config=True)

    @property
    def folder(self) -> Path:
        """The folder of the embedded repositories."""
        return Path(self.root).absolute() / self.coursedir.course_id

    @property
    def template_url(self) -> str:
        """The address of the template repository."""
        if self.template:
            return self._checked(self.template, "GitExchange.template")
        return str(self.folder / "template.git")

    def fail(self, msg: str) -> NoReturn:
        """End the command with one line; control characters from a repository are removed."""
        line = clean(msg, 1000)
        self.log.fatal(line)
        raise ExchangeError(line)

    def start(self) -> Any:
        """Run the command; an error from git ends it with one line."""
        try:
            return super().start()
        except GitError as error:
            self.fail(str(error))

    def ensure_root(self) -> None:
        """Require a course; its folder is made when it is needed."""
        if not self.coursedir.course_id:
            self.fail("No course id specified. Re-run with --course flag.")

    def everyone(self) -> list[Student]:
        """All students of the roster."""
        path = Path(self.coursedir.root, self.roster)
        try:
            return read_roster(path, self.folder / "students", self.branch)
        except BadInput as error:
            self.fail(str(error))

    def students(self) -> list[Student]:
        """The students of the roster that the command line names."""
        wanted = self.coursedir.student_id or "*"
        left_out = (self.coursedir.student_id_exclude or "").split(",")
        return [one for one in self.everyone() if fnmatchcase(one.id, wanted) and one.id not in left_out]

    def me(self) -> Student:
        """The student who runs this: named on the command line, otherwise the user's account."""
        name = self.coursedir.student_id if self.coursedir.student_id not in ("", "*") else get_username()
        if self.repository:
            return Student(name, self._checked(self.repository, "GitExchange.repository"), self.branch)
        if Path(self.coursedir.root, self.roster).is_file():
            mine = next((student for student in self.students() if student.id == name), None)
            if mine is None:
                self.fail(f"'{name}' is not in the roster; --student says who you are")
            return mine
        return Student(name, str(self.folder / "students" / f"{name}.git"), self.branch)

    def is_embedded(self, url: str) -> bool:
        """Whether a repository is in the exchange's folder."""
        path = git.local_path(url)
        return path is not None and path.is_relative_to(self.folder)

    def known_pushes(self, student: Student) -> list[Push] | None:
        """The pushes to a student's branch that the receiving side reports, oldest first; None if it does not tell."""
        path = git.local_path(student.url)
        if path is not None:
            trusted = not self._students_write_to(student.url)
            return pushes(path, student.branch, trusted=trusted, timeout=self.timeout)
        token = os.environ.get(TOKEN)
        if not token:
            return None
        try:
            return host_pushes(student.url, student.branch, token, self.hosts, self.timeout)
        except HostError as error:
            self.log.warning("%s: %s", student.id, clean(str(error)))
            return None

    def known_arrivals(self, student: Student, head: str, history: Path) -> list[Push]:
        """As :meth:`known_pushes`; if they do not end with ``head``, when its commits came in, at the latest.

        What a receiving side does not list is no reason to believe the committer: a student can bring that about. On
        this machine the files tell; of a host that answered, the head is as late as its collection.

        ``history``: a fetched repository with the commits up to ``head``.
        """
        known, path = self.known_pushes(student), git.local_path(student.url)
        if known is None or any(push.commit == head for push in known[-1 if path else 0 :]):
            return known or []
        if path is None:
            return [*known, Push(head, float(int(datetime.now(UTC).timestamp())), "collection")]
        return unlogged(path, head, history, timeout=self.timeout) if self._students_write_to(student.url) else known

    def _students_write_to(self, url: str) -> bool:
        """Whether students may write to a repository on this machine other than through a server."""
        return self.is_embedded(url) or not self.server_logs

    def check_contained(self, url: str) -> None:
        """Refuse a repository on this machine that students write to and that leads out of its own folder."""
        path = git.local_path(url)
        if path is not None and self._students_write_to(url) and (self.is_embedded(url) or url != self.template_url):
            check_contained(path)

    def ensure_repository(self, url: str) -> None:
        """Make an embedded repository if it does not exist yet."""
        path = git.local_path(url)
        if path is None or path.exists() or not self.is_embedded(url):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        git.init(path)
        for name, value in (EMBEDDED | {"receive.maxInputSize": str(self._max_bytes)}).items():
            git.run("config", name, value, repository=path)

    @contextlib.contextmanager
    def fetched(self, url: str, commit: str, *options: str) -> Iterator[Path]:
        """A temporary bare repository with one commit of a remote in it; ``options`` limit what is fetched."""
        with temporary_folder("fetch") as place:
            repository = git.init(Path(place, "fetched.git"))
            git.fetch(
                repository, url, [f"{commit}:refs/heads/fetched"], *options,
                timeout=self.timeout, max_bytes=self._max_bytes,
            )  # fmt: skip
            self.check_contained(url)  # once more: it may have led elsewhere while it was read
            yield repository

    @contextlib.contextmanager
    def files_of(self, url: str, commit: str, name: str) -> Iterator[tuple[Path, tree.Folder | None]]:
        """A folder of a remote's commit, and the repository to read its files from.

        Raises
        ------
        GitError, Refused
            when it cannot be fetched, or must not be accepted.
        """
        with self.fetched(url, commit, "--depth=1", f"--filter=blob:limit={self._max_folder}") as repository:
            yield (
                repository,
                tree.read_folder(repository, commit, name, max_bytes=self._max_folder, timeout=self.timeout),
            )

    def head(self, url: str, branch: str) -> str | None:
        """The commit that a remote's branch points to; None when there is no such branch."""
        self.check_contained(url)
        return git.head(url, branch, timeout=self.timeout)

    def stamp(self, moment: datetime) -> str:
        """A time in nbgrader's format."""
        return moment.astimezone(UTC).strftime(self.timestamp_format)

    @property
    def _max_folder(self) -> int:
        return int(1000 * self.coursedir.max_dir_size)

    @property
    def _max_bytes(self) -> int:
        return int(1000 * self.max_fetch_size)

    def _checked(self, url: str, place: str) -> str:
        try:
            return address(url, Path(os.path.abspath(self.coursedir.root)), place)
        except BadInput as error:
            self.fail(str(error))
