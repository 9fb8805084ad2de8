"""Writes the workers' results into the gradebook, and keeps the class's standing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar

from autograder.bridge.patiently import patiently
from autograder.bridge.sanitize import CHECK_POINTS
from autograder.bridge.stock import TO_DO
from autograder.classroom import changes, journal
from autograder.classroom.journal import Mark
from autograder.classroom.plan import Submission
from autograder.classroom.record import Recorder
from autograder.classroom.standing import Standing
from autograder.classroom.work import Graded
from autograder.course.sprint import Sprint
from autograder.errors import BadInput, PlatformFault, raise_if_full
from autograder.grading.results import Results, read_results

T = TypeVar("T")


class Settle:
    """Records the results of the workers, one submission after another.

    Attributes
    ----------
    recorder
        writes into the gradebook and the course's folders
    dry_run
        whether to compare only, and write nothing
    standing
        where the class stands
    """

    def __init__(self, recorder: Recorder, sprint: Sprint, dry_run: bool) -> None:
        self.recorder = recorder
        self.sprint = sprint
        self.dry_run = dry_run
        self.standing = Standing(written=not dry_run, reported=sprint.has_graders())

    def record(self, submission: Submission, graded: Graded) -> None:
        """Record a graded submission, and note what that changed."""
        folder = self.recorder.results_of(submission.student)
        before = self._recorded(submission.student)
        if graded.stock:
            try:
                graded = self.recorder.with_results(submission.student, graded)
            except ValueError as error:  # more points than a cell is worth: nbgrader does not grade that either
                self.failed(submission, error)
                return
        self._say(submission.student, graded)

        def write() -> None:
            journal.unmark(folder)
            self.patiently(lambda: self.recorder.record(submission.student, submission.folder, graded))

        self._settle(submission, before, graded.results, write, graded.took_s)

    def _say(self, student: str, graded: Graded) -> None:
        """Say what the worker put right, and note what a person should look at."""
        for change in graded.changes:
            self.recorder.log.warning("%s of %s: %s", self.sprint.slug, student, change)
        for what in graded.astray:
            self.standing.looks.add(student, what, CHECK_POINTS)
        for what in graded.looks:
            self.standing.looks.add(student, what, TO_DO)

    def merge(self, submission: Submission, graded: Graded | None) -> None:
        """Merge the results of a GPU run into the recorded ones; if there are none or they are equal, write nothing."""
        before = self._recorded(submission.student)
        if before is None:
            self.failed(submission, BadInput("its results.json is gone: grade it again with --force"))
            return
        after = before.merged(graded.results) if graded else before
        if after == before:
            self.standing.add(submission.student, before.status, before.waiting)
            return

        def write() -> None:
            assert graded is not None
            self.patiently(lambda: self.recorder.merge(submission.student, after, graded))

        self._settle(submission, before, after, write, submission.took_s)

    def failed(self, submission: Submission, error: BaseException) -> None:
        """Note that a submission could not be graded; nothing is written for it."""
        self.recorder.log.error("%s could not be graded", submission.student, exc_info=error)
        self.standing.failed[submission.student] = " ".join(str(error).split())[:300] or type(error).__name__

    def patiently(self, action: Callable[[], T]) -> T:
        """Run an action on the gradebook, which may be locked for a while."""
        return patiently(action, self.recorder.coursedir, self.recorder.log)

    def _recorded(self, student: str) -> Results | None:
        """The results recorded earlier; None when there are none or they cannot be read."""
        with contextlib.suppress(BadInput):
            return read_results(self.recorder.results_of(student) / "results.json", self.sprint.slug)
        return None

    def _settle(
        self,
        submission: Submission,
        before: Results | None,
        after: Results,
        write: Callable[[], None],
        took_s: float,
    ) -> None:
        """Write the results of a submission unless this is a dry run, and add them to the standing."""
        student = submission.student
        if not self.dry_run:
            try:
                write()
                mark = Mark(submission.digest, after.status, after.waiting, took_s)
                journal.write(self.recorder.results_of(student), mark)
            except BadInput:
                raise
            except Exception as error:
                try:
                    raise_if_full(error)
                except OSError as full:
                    raise PlatformFault(f"{student}'s grade cannot be written: {full}") from full
                self.failed(submission, error)
                return
        self.standing.add(student, after.status, after.waiting)
        if before is not None:
            self._compare(student, before, after)

    def _compare(self, student: str, before: Results, after: Results) -> None:
        self.standing.compared += 1
        change = changes.change(student, before, after)
        if change is not None:
            self.standing.changes.append(change)
            self.recorder.log.warning("changed: %s", change)
