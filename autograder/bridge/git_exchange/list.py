"""Lists what has been released and what has been handed in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeList
from nbgrader.utils import make_unique_key, notebook_hash

from autograder.bridge.git_exchange import git, receipts, tree
from autograder.bridge.git_exchange.exchange import GitExchange
from autograder.bridge.git_exchange.feedback import TIME
from autograder.bridge.git_exchange.git import GitError
from autograder.bridge.git_exchange.roster import Student
from autograder.temporary import temporary_folder


class GitList(GitExchange, ExchangeList):
    """Lists the template's assignments or, with ``inbound``, the submissions in each student's repository.

    It removes nothing: that has to be done with git.
    """

    def start(self) -> Any:
        """Lay the repositories out like nbgrader's own exchange, and let nbgrader's class list that folder."""
        if self.remove:
            self.fail("git keeps what was released and handed in: remove it with git")
        if self.cached:  # a student's own submissions: git is their cache
            self.set_trait("cached", False)
            self.set_trait("inbound", True)
        with temporary_folder("list") as place:
            self.layout = Path(place, self.coursedir.course_id)
            return super().start()

    def init_dest(self) -> None:
        """Write the content of the repositories into the laid-out folder."""
        released = self._lay_out_releases()
        if self.inbound:
            roster = Path(self.coursedir.root, self.roster)
            for student in self.students() if roster.is_file() else [self.me()]:
                try:
                    self._lay_out_submissions(student, released)
                except GitError as error:
                    self.log.warning("%s: %s", student.id, error)
        self.root = str(self.layout.parent)
        super().init_dest()

    def _lay_out_releases(self) -> dict[str, str]:
        """Write the released assignments; return their trees by name."""
        url, found = self.template_url, {}
        shown = git.without_credentials(url)
        try:
            head = self.head(url, self.branch)
            if head is None:
                self.log.warning("%s: nothing has been released", shown)
                return {}
            with self.fetched(url, head, "--depth=1", f"--filter=blob:limit={self._max_folder}") as repository:
                for name in tree.folders(repository, head):
                    folder = self._read(repository, head, name)
                    if folder is not None and any(file.path.endswith(".ipynb") for file in folder.files):
                        found[name] = folder.oid
                        tree.write_folder(repository, folder, self.layout / "outbound" / name, self.timeout)
        except GitError as error:
            self.fail(f"{shown}: {error}")
        return found

    def _lay_out_submissions(self, student: Student, released: dict[str, str]) -> None:
        head = self.head(student.url, student.branch)
        if head is None:
            return
        with self.fetched(student.url, head, f"--filter=blob:limit={self._max_folder}") as repository:
            known = self.known_arrivals(student, head, repository)
            for name, oid in released.items():
                folder = self._read(repository, head, name)
                if folder is None or folder.oid == oid or self.coursedir.assignment_id not in ("", name):
                    continue
                time = self.stamp(receipts.receipt(head, name, known, repository, timeout=self.timeout).time)
                place = self.layout / "inbound" / f"{student.id}+{name}+{time}"
                tree.write_folder(repository, folder, place, self.timeout)
                self._lay_out_feedback(student, name, time, place)

    def _lay_out_feedback(self, student: Student, name: str, time: str, submission: Path) -> None:
        """Put the pages about exactly this submission where nbgrader's class looks for them."""
        head = self.head(student.url, self.feedback_branch)
        if head is None:
            return
        with self.files_of(student.url, head, name) as (repository, folder), temporary_folder("pages") as place:
            if folder is None:
                return
            tree.write_folder(repository, folder, Path(place), self.timeout)
            stamp = Path(place, TIME)
            if not stamp.is_file() or stamp.read_text(encoding="utf-8").strip() != time:
                return
            feedback = self.layout / "feedback"
            feedback.mkdir(exist_ok=True)
            for notebook in submission.glob("*.ipynb"):
                key = make_unique_key(self.coursedir.course_id, name, notebook.stem, student.id, time)
                page = Path(place, f"{notebook.stem}.html")
                if page.is_file():
                    shutil.copy(page, feedback / f"{notebook_hash(str(notebook), key)}.html")

    def _read(self, repository: Path, commit: str, name: str) -> tree.Folder | None:
        return tree.read_folder(repository, commit, name, max_bytes=self._max_folder, timeout=self.timeout)
