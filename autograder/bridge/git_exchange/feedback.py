"""Feedback on a branch of the student's own repository, which only the student and the staff can read."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from nbgrader.exchange.default import ExchangeFetchFeedback, ExchangeReleaseFeedback

from autograder.bridge.git_exchange import git, tree
from autograder.bridge.git_exchange.commits import replace_folder
from autograder.bridge.git_exchange.exchange import GitExchange
from autograder.bridge.git_exchange.git import GitError, Refused
from autograder.bridge.git_exchange.roster import Student
from autograder.temporary import temporary_folder

TIME = "timestamp.txt"


class GitReleaseFeedback(GitExchange, ExchangeReleaseFeedback):
    """Puts each student's feedback pages, and the time of the graded submission, on their feedback branch."""

    def init_src(self) -> None:
        """Do nothing: each student's folder is looked up separately."""

    def init_dest(self) -> None:
        """Do nothing: the repositories exist."""

    def copy_files(self) -> None:
        """Release to one student after the other; a failure does not stop the others."""
        failed = []
        read_by = Counter([self.template_url, *(student.url for student in self.everyone())])
        for student in self.students():
            files = self._pages(student)
            if not files:
                continue
            try:
                if read_by[student.url] > 1:
                    raise GitError("others can read the repository; feedback needs one of the student's own")
                self._release(student, files)
            except GitError as error:
                self.log.error("%s: feedback was not released: %s", student.id, error)
                failed.append(student.id)
        if failed:
            self.fail(f"feedback was not released to {', '.join(failed)}; the others have theirs")

    def _pages(self, student: Student) -> dict[str, bytes]:
        names = self.coursedir.feedback_directory, student.id, self.coursedir.assignment_id
        folder = Path(self.coursedir.format_path(*names))
        pages = {path.name: path.read_bytes() for path in sorted(folder.glob("*.html"))}
        time = folder / TIME
        return pages | {TIME: time.read_bytes()} if pages and time.is_file() else pages

    def _release(self, student: Student, files: dict[str, bytes]) -> None:
        name, branch = self.coursedir.assignment_id, self.feedback_branch
        with temporary_folder("feedback") as place:
            repository, head = git.init(Path(place, "feedback.git")), self.head(student.url, branch)
            force = ""
            if head is not None:
                try:
                    git.fetch(repository, student.url, [head], "--depth=1", "--filter=blob:none",
                              timeout=self.timeout, max_bytes=self._max_bytes)  # fmt: skip
                except Refused as error:  # a student who breaks the branch does not stop feedback
                    self.log.warning("%s: the branch %s is begun anew: %s", student.id, branch, error)
                    head, force = None, "+"
            commit = replace_folder(
                repository, head, name, files, message=f"Feedback on {name}", author=self.coursedir.course_id
            )
            if commit is None:
                self.log.info("%s has this feedback already", student.id)
                return
            self.check_contained(student.url)
            git.push(repository, student.url, f"{force}{commit}:refs/heads/{branch}", timeout=self.timeout)
        self.log.info("Feedback on %s released to %s", name, student.id)


class GitFetchFeedback(GitExchange, ExchangeFetchFeedback):
    """Copies a student's own feedback to where nbgrader looks for it."""

    def start(self) -> None:
        """Fetch into a temporary folder and copy from there."""
        with temporary_folder("feedback") as place:
            self.src_path = str(place)
            super().start()

    def init_src(self) -> None:
        """Get the feedback on the assignment."""
        student = self.me()
        self.feedback_files: list[tuple[str, str, str]] = []
        try:
            head = self.head(student.url, self.feedback_branch)
            if head is None:
                self.fail(f"there is no feedback yet: the repository has no branch {self.feedback_branch}")
            with self.files_of(student.url, head, self.coursedir.assignment_id) as (repository, folder):
                if folder is None:
                    self.fail(f"there is no feedback on {self.coursedir.assignment_id} yet")
                tree.write_folder(repository, folder, Path(self.src_path), self.timeout)
        except GitError as error:
            self.fail(f"{git.without_credentials(student.url)}: {error}")
        time = Path(self.src_path, TIME)
        stamp = time.read_text(encoding="utf-8").strip().replace(os.sep, "-") if time.is_file() else "latest"
        for page in sorted(Path(self.src_path).glob("*.html")):
            self.feedback_files.append((page.stem, stamp, str(page)))
