"""`autograder autograde`: a whole class, graded by workers in parallel and recorded by this one process.

Dask carries units of work to the workers and their results back; it starts a lost worker again and sends its unit to
another. Whatever kills this process, the next run does only what is missing.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from distributed import Client, KilledWorker, as_completed
from rich.console import Console
from rich.progress import Progress, TaskID
from sqlalchemy.exc import SAWarning

from autograder.bridge.gradebook import patiently
from autograder.classroom import changes, journal
from autograder.classroom.cluster import GPU, Workers, client_of
from autograder.classroom.journal import Mark
from autograder.classroom.plan import Job, Which, plan
from autograder.classroom.record import Recorder, Sanitized, broken_unit
from autograder.classroom.standing import Standing, class_progress
from autograder.classroom.work import GradedUnit, Lane, Unit, fingerprint, grade_unit, joined
from autograder.course.seed import course_seed
from autograder.course.sprint import Sprint, find_sprint, project_root
from autograder.environments import environment_of, lacking_for
from autograder.errors import BadInput, PlatformFault
from autograder.grading.limits import Limits
from autograder.grading.results import Results
from autograder.jail import bubblewrap

LOCK = "autograde.lock"
AHEAD = 2
"""Units in flight for each worker: one at work, one that waits."""

T = TypeVar("T")


def autograde_class(
    slug: str,
    *,
    students: Sequence[str] = (),
    workers: int | None = None,
    scheduler: str | None = None,
    which: Which = "missing",
    dry_run: bool = False,
    limits: Limits | None = None,
    console: Console | None = None,
) -> Standing:
    """Grade the collected submissions of a sprint into the gradebook, and say where the class stands.

    Parameters
    ----------
    students
        grade only these
    workers
        how many processes on this machine; as many as the cores it may use unless given
    scheduler
        the address of a Dask scheduler whose workers are to be used instead
    which
        what of them is graded
    dry_run
        grade and compare with what is recorded, but write no grade, notebook or result
    limits
        what each submission may take; the usual limits unless given

    Raises
    ------
    BadInput
        when the sprint or a student is unknown, nothing has been collected, another run is at work on this gradebook,
        the gradebook or the scheduler cannot be reached, or a worker has another version of the package or the graders
        or lacks the sprint's environment.
    PlatformFault
        when this machine lacks the sandbox, which is required, or the environment; or when the cluster is lost.
    """
    root = project_root()
    recorder = Recorder(root, slug)
    sprint = find_sprint(slug, root, Path(recorder.hidden.directory))
    lacking = bubblewrap.missing() if recorder.policy == "required" and scheduler is None else None
    if lacking is not None:
        raise PlatformFault(f"nothing was graded: the sandbox is required and cannot be had: {lacking}")
    lacking = lacking_for(sprint) if scheduler is None else None
    if lacking is not None:
        raise PlatformFault(f"nothing was graded: {lacking}")
    with only_run(recorder.data):
        batch = _Batch(recorder, sprint, console or Console(stderr=True), dry_run, limits or Limits())
        jobs = batch.jobs(students, which)
        if jobs:
            with client_of(workers or len(os.sched_getaffinity(0)), scheduler) as client:
                batch.grade(jobs, client, "gpu" if which == "pending" else "cpu")
    return batch.standing


@contextlib.contextmanager
def only_run(data: Path) -> Iterator[None]:
    """Hold the lock of a class's folder; the system gives it back when this process ends, however it ends.

    Raises
    ------
    BadInput
        when another process holds it.
    """
    with (data / LOCK).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise BadInput(
                f"another run is at work on this gradebook ({file.read().strip()}): wait until it has ended"
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {os.uname().nodename} since {time.strftime('%H:%M:%S')}")
        file.flush()
        yield


@dataclass(frozen=True)
class _Flight:
    """A unit that is with the workers; ``first`` is what the other lane has made of the submission."""

    job: Job
    sanitized: Sanitized
    lane: Lane
    first: GradedUnit | None = None


@dataclass
class _Batch:
    """One run over a class."""

    recorder: Recorder
    sprint: Sprint
    console: Console
    dry_run: bool = False
    limits: Limits = field(default_factory=Limits)
    standing: Standing = field(default_factory=Standing)

    def __post_init__(self) -> None:
        self.log: logging.Logger = self.recorder.log
        self.seed = course_seed(self.recorder.data)
        environment = environment_of(self.sprint)
        self.environment = environment.name if environment else ""
        self.fingerprint = fingerprint(self.sprint.graders, self.environment)
        self.standing.written = not self.dry_run

    def jobs(self, students: Sequence[str], which: Which) -> list[Job]:
        """What is to be done; what stays as it is goes into the standing."""
        grading = journal.grading_digest(self.sprint.release.parent, self.fingerprint, self.limits, self.seed)
        return plan(
            self.recorder, self.sprint, grading,
            students=students, which=which, dry_run=self.dry_run, standing=self.standing,
        )  # fmt: skip

    def grade(self, jobs: list[Job], client: Client, lane: Lane = "cpu") -> None:
        """Send the jobs to the workers and record what comes back, in the order in which it comes.

        With the lane ``gpu`` they have been graded before but for the tests that need a GPU.

        Raises
        ------
        BadInput
            when no worker has a GPU and nothing can be done without.
        """
        workers = Workers(client)
        workers.await_first(self.console)
        if lane == "gpu" and not workers.any_gpu():
            raise BadInput(
                f"{len(jobs)} submissions wait for a GPU and no worker announces one: run this on a machine with a GPU,"
                f" or start a worker of the cluster there with --resources {GPU}=1"
            )
        waiting = iter(jobs)
        flying: dict[Any, _Flight] = {}
        finished = as_completed()

        def send(flight: _Flight) -> None:
            unit = self._unit(flight)
            resources = {GPU: 1} if flight.lane == "gpu" else None
            name = f"grade-{uuid.uuid4().hex}"  # Dask keeps what it knows of each name's first part for ever
            future = client.submit(grade_unit, unit, key=name, pure=False, resources=resources)
            flying[future] = flight
            finished.add(future)

        with class_progress(len(jobs), self.console) as (bar, task), warnings.catch_warnings():
            # nbgrader makes rows out of order
            warnings.filterwarnings("ignore", "Object of type <Submitted", SAWarning)
            while True:
                for job in waiting:
                    sanitized = self._sanitized(job)
                    if sanitized is None:
                        self._show(bar, task)
                        continue
                    send(_Flight(job, sanitized, lane))
                    if len(flying) >= AHEAD * max(1, workers.slots()):
                        break
                if not flying:
                    return
                future = next(finished)
                flight = flying.pop(future)
                graded = self._outcome(future, flight)
                if graded and flight.lane == "cpu" and graded.results.waiting and workers.any_gpu():
                    send(replace(flight, lane="gpu", first=graded))
                    continue
                if lane == "gpu":
                    self._merge(flight.job, graded)
                elif graded is not None:
                    self._record(flight.job, graded)
                self._show(bar, task)

    def _outcome(self, future: Any, flight: _Flight) -> GradedUnit | None:
        """What the workers made of a job, or None when it failed."""
        student = flight.job.student
        if future.status in ("cancelled", "lost"):
            raise PlatformFault("the Dask cluster was lost; what is done is saved, run the command again to go on")
        error = future.exception() if future.status == "error" else None
        if error is None:
            graded: GradedUnit = future.result()
            return graded if flight.first is None else joined(flight.first, graded)
        if isinstance(error, BadInput):
            raise error
        if flight.lane == "gpu":  # what waits for a GPU goes on waiting
            self.log.error("%s could not be graded on a GPU", student, exc_info=error)
            return flight.first
        if isinstance(error, KilledWorker):
            reason = f"{error.allowed_failures + 1} workers died while they graded it"
            self.log.error("%s: %s", student, reason)
            return broken_unit(flight.sanitized, self.sprint, reason)
        self._failed(flight.job, error)
        return None

    def _sanitized(self, job: Job) -> Sanitized | None:
        try:
            return self._patiently(lambda: self.recorder.sanitize(job.submitted, self.sprint))
        except BadInput:
            raise
        except Exception as error:
            self._failed(job, error)
            return None

    def _unit(self, flight: _Flight) -> Unit:
        directory, sanitized = self.recorder.hidden.directory, flight.sanitized
        return Unit(
            flight.job.student, self.sprint.slug, sanitized.text, sanitized.files, self.limits, self.seed,
            self.recorder.policy, directory, self.fingerprint, flight.lane, self.environment,
        )  # fmt: skip

    def _record(self, job: Job, graded: GradedUnit) -> None:
        folder = self.recorder.results_of(job.student)
        before = _results_in(folder)

        def write() -> None:
            journal.unmark(folder)
            self._patiently(lambda: self.recorder.record(job.student, job.submitted, graded))

        self._settle(job, before, graded.results, write)

    def _merge(self, job: Job, graded: GradedUnit | None) -> None:
        """Put what a GPU run decided into what is recorded; without a decision, all stays as it is."""
        before = _results_in(self.recorder.results_of(job.student))
        if before is None:
            self._failed(job, BadInput("its results.json is gone: grade it again with --force"))
            return
        after = before.merged(graded.results) if graded else before
        if after == before:
            self.standing.add(job.student, before.status, before.waiting)
            return

        def write() -> None:
            assert graded is not None
            self._patiently(lambda: self.recorder.merge(job.student, after, graded))

        self._settle(job, before, after, write)

    def _settle(self, job: Job, before: Results | None, after: Results, write: Callable[[], None]) -> None:
        """Write the results of a submission, unless this is a dry run, and note them."""
        if not self.dry_run:
            try:
                write()
                journal.write(self.recorder.results_of(job.student), Mark(job.digest, after.status, after.waiting))
            except BadInput:
                raise
            except OSError as error:
                raise PlatformFault(f"{job.student}'s grade cannot be written: {error}") from error
            except Exception as error:
                self._failed(job, error)
                return
        self.standing.add(job.student, after.status, after.waiting)
        if before is not None:
            self._compare(job.student, before, after)

    def _compare(self, student: str, before: Results, after: Results) -> None:
        self.standing.compared += 1
        change = changes.change(student, before, after)
        if change is not None:
            self.standing.changes.append(change)
            self.log.warning("changed: %s", change)

    def _failed(self, job: Job, error: BaseException) -> None:
        self.log.error("%s could not be graded", job.student, exc_info=error)
        self.standing.failed[job.student] = " ".join(str(error).split())[:300] or type(error).__name__

    def _show(self, bar: Progress, task: TaskID) -> None:
        bar.update(task, advance=1, failed=len(self.standing.failed) + len(self.standing.broken))

    def _patiently(self, action: Callable[[], T]) -> T:
        return patiently(action, self.recorder.coursedir, self.log)


def _results_in(folder: Path) -> Results | None:
    """The results recorded earlier, or None when there are none that can be read."""
    with contextlib.suppress(OSError, BadInput):
        return Results.from_json((folder / "results.json").read_text(encoding="utf-8"))
    return None
