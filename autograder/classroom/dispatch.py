"""Sends tasks to the workers, and hands their results to :mod:`~autograder.classroom.settle`."""

from __future__ import annotations

import functools
import uuid
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from distributed import Client, KilledWorker, as_completed
from rich.console import Console
from sqlalchemy.exc import SAWarning

from autograder.classroom import journal, plan
from autograder.classroom.cluster import GPU, Workers
from autograder.classroom.plan import Submission, Which
from autograder.classroom.record import broken
from autograder.classroom.settle import Settle
from autograder.classroom.standing import class_progress
from autograder.classroom.work import Graded, Task, grade, joined
from autograder.course.seed import course_seed
from autograder.environments import environment_of
from autograder.errors import BadInput, GradersFault, PlatformFault
from autograder.grading.fingerprint import fingerprint
from autograder.grading.limits import Limits

AHEAD = 2
"""Tasks in flight per worker: one being graded, one waiting."""

SENT_AS_IT_IS = 2_000_000
"""The most bytes of a notebook that is sent unread. A larger one is sanitized here, which leaves out its outputs."""

_InFlight = tuple[Submission, Task, Graded | None]
"""A task sent to the workers; for a GPU task, also the result of grading without a GPU, if that came before."""


class Dispatch:
    """One run over a class."""

    def __init__(self, settle: Settle, limits: Limits, console: Console) -> None:
        self._settle = settle
        self._limits = limits
        self._console = console
        self._recorder, self._sprint = settle.recorder, settle.sprint
        self._seed = course_seed(self._recorder.data)
        environment = environment_of(self._sprint) if self._sprint.has_graders() else None
        self._environment = environment.name if environment else ""
        self._execute = {} if self._sprint.has_graders() else self._recorder.settings
        self._fingerprint = fingerprint(self._sprint.graders, self._environment)
        self._released = self._sprint.release.read_text(encoding="utf-8") if self._sprint.has_graders() else ""
        self._flying: dict[Any, _InFlight] = {}

    def plan(self, students: Sequence[str], which: Which) -> list[Submission]:
        """The submissions to grade; the others are added to the standing."""
        grading = journal.grading_digest(
            self._sprint.release.parent, self._fingerprint, self._limits, f"{self._seed}{self._execute or ''}"
        )
        return plan.plan(
            self._recorder, self._sprint, grading,
            students=students, which=which, dry_run=self._settle.dry_run, standing=self._settle.standing,
        )  # fmt: skip

    def grade(self, to_grade: list[Submission], client: Client, *, only_gpu: bool = False) -> None:
        """Send the submissions to the workers and record the results as they arrive.

        ``only_gpu``: only the tests that need a GPU are run; the rest has been graded before.

        Raises
        ------
        BadInput
            when ``only_gpu`` is set and no worker has a GPU.
        """
        workers = Workers(client)
        workers.await_first(self._console)
        if only_gpu and not workers.any_gpu():
            raise BadInput(
                f"{len(to_grade)} submissions wait for a GPU and no worker announces one: run this on a machine with a"
                f" GPU, or start a worker of the cluster there with --resources {GPU}=1"
            )
        waiting, finished = iter(to_grade), as_completed()
        with class_progress(len(to_grade), self._console) as show, warnings.catch_warnings():
            # nbgrader creates rows in an order that SQLAlchemy warns about
            warnings.filterwarnings("ignore", "Object of type <Submitted", SAWarning)
            while True:
                for submission in waiting:
                    task = self._task(submission, only_gpu)
                    if task is None:
                        show(self._settle.standing)
                        continue
                    finished.add(self._send(client, (submission, task, None)))
                    if len(self._flying) >= AHEAD * max(1, workers.slots()):
                        break
                if not self._flying:
                    return
                submission, task, graded = self._landed(next(finished))
                if graded and not task.gpu and graded.results.waiting and workers.any_gpu():
                    finished.add(self._send(client, (submission, replace(task, gpu=True), graded)))
                    continue
                if only_gpu:
                    self._settle.merge(submission, graded)
                elif graded is not None:
                    self._settle.record(submission, graded)
                show(self._settle.standing)

    def _send(self, client: Client, flight: _InFlight) -> Any:
        """Send a task to the workers and return its future."""
        task = flight[1]
        resources = {GPU: 1} if task.gpu else None
        name = f"grade-{uuid.uuid4().hex}"  # the prefix is constant: Dask keeps statistics per prefix forever
        future = client.submit(grade, task, key=name, pure=False, resources=resources)
        self._flying[future] = flight
        return future

    def _landed(self, future: Any) -> _InFlight:
        """A task that has ended: its submission, the task, and the workers' result, which is None if it failed."""
        submission, task, first = self._flying.pop(future)
        return submission, task, self._graded(future, submission, task, first)

    def _graded(self, future: Any, submission: Submission, task: Task, first: Graded | None) -> Graded | None:
        if future.status in ("cancelled", "lost"):
            raise PlatformFault("the Dask cluster was lost; what is done is saved, run the command again to go on")
        error = future.exception() if future.status == "error" else None
        if error is None:
            graded: Graded = future.result()
            return graded if first is None else joined(first, graded)
        if isinstance(error, BadInput):
            raise error
        if isinstance(error, GradersFault):  # it would be everybody's
            raise GradersFault(f"nothing more is graded: {error}")
        if task.gpu:  # its GPU tests stay pending
            self._recorder.log.error("%s could not be graded on a GPU", submission.student, exc_info=error)
            return first
        if isinstance(error, KilledWorker):
            reason = f"{error.allowed_failures + 1} workers died while they graded it"
            self._recorder.log.error("%s: %s", submission.student, reason)
            if not self._sprint.has_graders():
                self._settle.failed(submission, PlatformFault(reason))
                return None
            return broken(self._sanitized(submission.folder), self._sprint, reason)
        self._settle.failed(submission, error)
        return None

    def _task(self, submission: Submission, only_gpu: bool) -> Task | None:
        """The task for a submission; None if it could not be made, which has been noted as a failure."""
        try:
            files = self._recorder.files(submission.folder, self._sprint)
            notebook, submitted, stock = self._notebooks(submission.folder)
        except BadInput:
            raise
        except Exception as error:
            self._settle.failed(submission, error)
            return None
        return Task(
            submission.student, self._sprint.slug, notebook, files, self._limits, self._seed, self._recorder.policy,
            self._recorder.hidden.directory, self._fingerprint, self._environment, only_gpu, stock, self._execute,
            self._released, submitted,
        )  # fmt: skip

    def _notebooks(self, folder: Path) -> tuple[str, bytes, dict[str, str]]:
        """What a task holds of a submission: a sprint's notebook sanitized, or as it is; those without hidden tests."""
        if not self._sprint.has_graders():
            return "", b"", self._settle.patiently(lambda: self._recorder.sanitize_stock(folder, self._sprint))
        path = folder / f"{self._sprint.slug}.ipynb"
        if self._rebuilt_by_workers and path.stat().st_size <= SENT_AS_IT_IS:
            return "", path.read_bytes(), {}
        return self._sanitized(folder), b"", {}

    def _sanitized(self, folder: Path) -> str:
        return self._settle.patiently(lambda: self._recorder.sanitize(folder, self._sprint))

    @functools.cached_property
    def _rebuilt_by_workers(self) -> bool:
        """Whether the workers rebuild what was handed in; the same for the whole class."""
        return self._settle.patiently(lambda: self._recorder.rebuilding_is_all(self._sprint))
