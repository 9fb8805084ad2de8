"""Collecting submissions from the students' repositories."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.utils import parse_utc
from traitlets import default

from autograder.bridge.collect import CollectSubmissions
from autograder.bridge.git_exchange import receipts, tree
from autograder.bridge.git_exchange.exchange import GitExchange
from autograder.bridge.git_exchange.git import GitError, Refused
from autograder.bridge.git_exchange.receipts import Push, Receipt
from autograder.bridge.git_exchange.roster import Student
from autograder.bridge.hidden import HiddenGraders
from autograder.temporary import temporary_folder
from autograder.text import clean

AT_ONCE = 4
COLLECTED = "collected before, nothing new"


@dataclass
class Found:
    """What a student's repository contains for the assignment.

    Attributes
    ----------
    receipt
        the commit and its time; None when there is nothing to collect
    note
        why there is nothing, or what was refused and why; for the instructor
    reason
        why the submission is not accepted at all; for the student, None when it is accepted
    place
        the folder with its files
    """

    student: Student
    receipt: Receipt | None = None
    note: str = ""
    reason: str | None = None
    place: Path | None = field(default=None, repr=False)


class GitCollect(GitExchange, CollectSubmissions):
    """Collects as nbgrader does, but from git; an unreadable repository is reported and does not stop the others."""

    wants_secret = students_name_entries = False

    @default("check_owner")  # type: ignore[untyped-decorator]
    def _nobody_owns_a_commit(self) -> bool:
        return False

    def start(self) -> None:
        """Collect from a temporary folder, then write down what came from where and when."""
        with temporary_folder("collect") as place:
            self.inbound_path = str(place)
            super().start()
        self._write_receipts()

    def init_src(self) -> None:
        """Look into every repository, several in parallel."""
        students = self.students()
        self.known = receipts.read_rows(self._receipts)
        self.released, self.due = self._released_tree(), self._due()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self.found = list(pool.map(self._look, students))
        self.reasons = {}
        self.src_records = []
        for found in self.found:
            self._say(found)
            if found.receipt is None:
                continue
            name = f"{found.student.id}+{self.coursedir.assignment_id}+{self.stamp(found.receipt.time)}+"
            name += found.receipt.commit[:12]
            self.src_records.append(self._path_to_record(name))
            target = Path(self.inbound_path, name)
            if found.place is not None:
                shutil.move(found.place, target)
            if found.reason is not None:
                self.reasons[str(target)] = found.reason

    def copy_files(self) -> None:
        """Copy what is new; do not warn if there is nothing."""
        if self.src_records:
            super().copy_files()

    def _why_not(self, src: str, notebook: str = "") -> str | None:
        return self.reasons.get(src) or super()._why_not(src, notebook)

    def _look(self, student: Student) -> Found:
        """What one repository contains; errors end up in the result, so they do not affect other students."""
        found = Found(student)
        try:
            head = self.head(student.url, student.branch)
            if head is None:
                found.note = f"the repository has no branch {student.branch}"
            elif self._is_collected(student, head):
                found.note = COLLECTED
            else:
                self._take(found, head)
        except Refused as error:
            found.reason = found.note = clean(str(error), 300)
            known = self.known_pushes(student)
            now = Push(head or "", float(int(datetime.now(UTC).timestamp())), "collection")
            last = known[-1] if known else now
            found.receipt = Receipt(head or "", datetime.fromtimestamp(last.time, UTC), last.clock)
        except (GitError, OSError) as error:
            found.note = f"the repository cannot be read: {clean(str(error), 300)}"
        return found

    def _take(self, found: Found, head: str) -> None:
        """Choose the commit, determine its time, and write its files to a folder that nbgrader copies from."""
        student, name = found.student, self.coursedir.assignment_id
        with self.fetched(student.url, head, "--filter=blob:none") as history:
            known = self.known_arrivals(student, head, history)

            def has_work(commit: str) -> bool:
                return receipts.tree_or_none(history, commit, name) not in (None, self.released)

            commit = receipts.choose(head, known, self.due, history, has_work, timeout=self.timeout)
            folder = tree.tree_of(history, commit, name)
            if folder is None:
                found.note = f"there is no folder {name}"
                return
            if folder == self.released:
                found.note = "nothing has been changed since the release"
                return
            receipt = receipts.receipt(commit, name, known, history, timeout=self.timeout)
            found.receipt = receipts.first(receipt, self.known.get(student.id, {}), history, name)
        with self.files_of(student.url, commit, name) as (repository, content):
            if content is None:
                raise GitError(f"commit {commit} has changed while it was read")
            found.place = Path(tempfile.mkdtemp(dir=self.inbound_path, prefix="."))
            tree.write_folder(repository, content, found.place, self.timeout)
            found.note = "; ".join(f"{clean(path, 100)}: {why}" for path, why in content.refused.items())
            notebook = content.refused.get(f"{name}.ipynb")
            if notebook is not None:
                found.reason = f"{name}.ipynb in the repository is {notebook}"

    def _is_collected(self, student: Student, head: str) -> bool:
        """Whether exactly this commit has been collected already."""
        folder = self.coursedir.format_path(
            self.coursedir.submitted_directory, student.id, self.coursedir.assignment_id
        )
        return os.path.isdir(folder) and self.known.get(student.id, {}).get("commit") == head

    def _released_tree(self) -> str | None:
        """The assignment's tree in the template: an unchanged copy of it is not a submission."""
        try:
            head = self.head(self.template_url, self.branch)
            if head is None:
                return None
            with self.fetched(self.template_url, head, "--depth=1", "--filter=blob:none") as repository:
                return tree.tree_of(repository, head, self.coursedir.assignment_id)
        except GitError as error:
            self.log.warning("the template cannot be read, so that an untouched copy of it is collected too: %s", error)
            return None

    def _due(self) -> datetime | None:
        """The due date, if only work from before it is to be collected."""
        if not self.before_duedate:
            return None
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                return gradebook.find_assignment(self.coursedir.assignment_id).duedate
            except MissingEntry:
                return None

    def _say(self, found: Found) -> None:
        """Log what was found for a student, and by whose clock; refused files get a line of their own."""
        name, receipt = found.student.id, found.receipt
        if receipt is None:
            self.log.log(logging.INFO if found.note == COLLECTED else logging.WARNING, "%s: %s", name, found.note)
            return
        when = f"{self.stamp(receipt.time)} by {receipts.CLOCKS[receipt.clock]}"
        self.log.info("%s: commit %s, %s", name, receipt.commit[:12], when)
        if found.note:
            self.log.warning("%s: refused: %s", name, found.note)

    @property
    def _receipts(self) -> Path:
        data = HiddenGraders.of(self).data
        return Path(data, "receipts", f"{self.coursedir.assignment_id}.csv")

    def _write_receipts(self) -> None:
        """Record what is in the folder of submissions now, and why the rest is missing."""
        rows = dict(self.known)
        for found in self.found:
            student, receipt = found.student.id, found.receipt
            path = self.coursedir.format_path(self.coursedir.submitted_directory, student, self.coursedir.assignment_id)
            there = self.coursedir.get_existing_timestamp(path) if os.path.isdir(path) else None
            if receipt is not None and there == parse_utc(self.stamp(receipt.time)):
                about = {"commit": receipt.commit, "time": self.stamp(receipt.time), "clock": receipt.clock}
                rows[student] = {"student_id": student, **about, "note": found.note}
            elif student not in rows or there is None:
                rows[student] = {"student_id": student, "commit": "", "time": "", "clock": "", "note": found.note}
        receipts.write_rows(self._receipts, rows)
