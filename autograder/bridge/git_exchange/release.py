"""Releasing assignments to the template repository, and fetching them from there."""

from __future__ import annotations

from pathlib import Path

from nbgrader.exchange.default import ExchangeFetchAssignment, ExchangeReleaseAssignment

from autograder.bridge.git_exchange import git, tree
from autograder.bridge.git_exchange.commits import replace_folder
from autograder.bridge.git_exchange.exchange import GitExchange
from autograder.bridge.git_exchange.git import GitError
from autograder.temporary import temporary_folder


class GitReleaseAssignment(GitExchange, ExchangeReleaseAssignment):
    """Commits an assignment's folder to the template's branch, and makes the embedded repositories."""

    def init_dest(self) -> None:
        """Make the template repository if it is embedded and does not exist yet."""
        self.ensure_repository(self.template_url)

    def copy_files(self) -> None:
        """Commit the folder unless the template already has it; nothing else in the template changes."""
        name = self.coursedir.assignment_id
        with temporary_folder("release") as place:
            staged = Path(place, name)
            self.do_copy(self.src_path, str(staged))
            files = read_plain_files(staged)
        try:
            self._release(name, files)
            if Path(self.coursedir.root, self.roster).is_file():
                self._make_repositories()
        except GitError as error:
            self.fail(f"{git.without_credentials(self.template_url)}: {error}")

    def _release(self, name: str, files: dict[str, bytes]) -> None:
        url, shown = self.template_url, git.without_credentials(self.template_url)
        head = self.head(url, self.branch)
        with temporary_folder("release") as place:
            repository = git.init(Path(place, "release.git"))
            if head is not None:
                git.fetch(repository, url, [head], "--depth=1", "--filter=blob:none",
                          timeout=self.timeout, max_bytes=self._max_bytes)  # fmt: skip
            commit = replace_folder(
                repository, head, name, files, message=f"Release {name}", author=self.coursedir.course_id
            )
            if commit is None:
                self.log.info("%s has %s as it is here", shown, name)
                return
            if head is not None and tree.tree_of(repository, head, name) is not None and not self.force:
                self.fail(f"{shown} has another {name}: add --force to release this one; students pull it")
            git.push(repository, url, f"{commit}:refs/heads/{self.branch}", timeout=self.timeout)
        self.log.info("Released as: %s %s, commit %s of %s", self.coursedir.course_id, name, commit[:12], shown)

    def _make_repositories(self) -> None:
        """Make an embedded repository, a copy of the template, for each student who has none."""
        for student in self.students():
            path = git.local_path(student.url)
            if path is None or path.exists() or not self.is_embedded(student.url):
                continue
            self.ensure_repository(student.url)
            start = f"+refs/heads/{self.branch}:refs/heads/{student.branch}"
            git.fetch(path, self.template_url, [start], timeout=self.timeout, max_bytes=self._max_bytes)
            self.log.info("Made the repository of %s: %s", student.id, path)


class GitFetchAssignment(GitExchange, ExchangeFetchAssignment):
    """Copies an assignment from the template, for students who work without a clone."""

    def start(self) -> None:
        """Fetch into a temporary folder and copy from there."""
        with temporary_folder("assignment") as place:
            self.src_path = str(Path(place, "released"))
            super().start()

    def init_src(self) -> None:
        """Get the released folder."""
        get_release(self, Path(self.src_path))


def get_release(exchange: GitExchange, target: Path) -> None:
    """Write the released files of the exchange's assignment into a new folder.

    Raises
    ------
    ExchangeError
        when there are none or they cannot be fetched.
    """
    url, name = exchange.template_url, exchange.coursedir.assignment_id
    shown = git.without_credentials(url)
    try:
        head = exchange.head(url, exchange.branch)
        if head is None:
            exchange.fail(f"{shown} has no branch {exchange.branch}: nothing has been released")
        with exchange.files_of(url, head, name) as (repository, folder):
            if folder is None:
                exchange.fail(f"Assignment {name} not found in {shown}")
            tree.write_folder(repository, folder, target, exchange.timeout)
    except GitError as error:
        exchange.fail(f"{shown}: {error}")


def read_plain_files(folder: Path) -> dict[str, bytes]:
    """The regular files under a folder by relative path; links are left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
