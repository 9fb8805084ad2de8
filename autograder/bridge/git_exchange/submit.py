"""Submits from a folder that is not a clone: commits to the student's branch and pushes."""

from __future__ import annotations

from pathlib import Path

from nbgrader.exchange.default import ExchangeSubmit

from autograder.bridge.git_exchange import git
from autograder.bridge.git_exchange.commits import replace_folder
from autograder.bridge.git_exchange.exchange import GitExchange
from autograder.bridge.git_exchange.git import GitError
from autograder.bridge.git_exchange.release import get_release, read_plain_files
from autograder.temporary import temporary_folder


class GitSubmit(GitExchange, ExchangeSubmit):
    """Commits the assignment's folder to the student's repository; students with a clone can also push from it."""

    def init_dest(self) -> None:
        """Find out which student submits."""
        self.student = self.me()

    def copy_files(self) -> None:
        """Commit and push unless the branch already has these files."""
        name, student, shown = self.coursedir.assignment_id, self.student, git.without_credentials(self.student.url)
        with temporary_folder("submit") as place:
            self.release_path = str(Path(place, "released"))
            get_release(self, Path(self.release_path))
            self.check_filename_diff()
            self.do_copy(self.src_path, str(Path(place, name)))
            files = read_plain_files(Path(place, name))
            try:
                commit = self._push(files, Path(place))
            except GitError as error:
                self.fail(f"{shown}: {error}")
        if commit is None:
            self.log.info("%s has this %s already", shown, name)
        else:
            self.log.info("Submitted as: %s %s, commit %s of %s for %s", self.coursedir.course_id, name, commit[:12],
                          shown, student.id)  # fmt: skip

    def _push(self, files: dict[str, bytes], place: Path) -> str | None:
        url, branch, name = self.student.url, self.student.branch, self.coursedir.assignment_id
        repository, head = git.init(place / "submit.git"), self.head(url, branch)
        if head is not None:
            git.fetch(repository, url, [head], "--depth=1", "--filter=blob:none",
                      timeout=self.timeout, max_bytes=self._max_bytes)  # fmt: skip
        commit = replace_folder(repository, head, name, files, message=f"Submit {name}", author=self.student.id)
        if commit is not None:
            git.push(repository, url, f"{commit}:refs/heads/{branch}", timeout=self.timeout)
        return commit
