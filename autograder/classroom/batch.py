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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import dask
from distributed import Client, KilledWorker, LocalCluster, as_completed
from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from rich.console import Console
from rich.progress import Progress, TaskID
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, SAWarning

from autograder.bridge.repair import repair_all
from autograder.classroom import journal
from autograder.classroom.record import Recorder, Sanitized, broken_unit
from autograder.classroom.standing import Standing, class_progress
from autograder.classroom.work import GradedUnit, Unit, fingerprint, grade_unit
from autograder.course.sprint import GRADERS, Sprint, find_sprint, project_root
from autograder.errors import BadInput, PlatformFault
from autograder.grading.limits import Limits
from autograder.grading.seeds import course_seed
from autograder.jail import sandbox

LOCK = "autograde.lock"
AHEAD = 2
"""Units in flight for each worker: one at work, one that waits."""
DEATHS = 2
"""Workers that a submission may kill before it is given up."""
SCHEDULER_S = 8
DATABASE_S = 60
SETTINGS = {"distributed.scheduler.allowed-failures": DEATHS - 1, "distributed.scheduler.worker-saturation": 1.0}
"""A worker has only the unit it works on, so that its death is counted against no other."""

T = TypeVar("T")


@dataclass(frozen=True)
class Job:
    """A submission that is to be graded: whose, the folder handed in, and the digest of what its grade depends on."""

    student: str
    submitted: Path
    digest: str


def autograde_class(
    slug: str,
    *,
    students: Sequence[str] = (),
    workers: int | None = None,
    scheduler: str | None = None,
    force: bool = False,
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
    force
        grade also what is done

    Raises
    ------
    BadInput
        when the sprint or a student is unknown, nothing has been collected, another run is at work on this gradebook,
        the gradebook or the scheduler cannot be reached, or a worker has another version of the package or the graders.
    PlatformFault
        when the sandbox is required and this machine lacks it, or the cluster is lost.
    """
    root = project_root()
    recorder = Recorder(root, slug)
    sprint = find_sprint(slug, root, Path(recorder.hidden.directory))
    lacking = sandbox.missing() if recorder.policy == "required" and scheduler is None else None
    if lacking is not None:
        raise PlatformFault(f"nothing was graded: the sandbox is required and cannot be had: {lacking}")
    with only_run(recorder.data):
        batch = _Batch(recorder, sprint, console or Console(stderr=True))
        jobs = batch.jobs(students, force)
        if jobs:
            with _client(workers or len(os.sched_getaffinity(0)), scheduler) as client:
                batch.grade(jobs, client)
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


@dataclass
class _Batch:
    """One run over a class."""

    recorder: Recorder
    sprint: Sprint
    console: Console
    standing: Standing = field(default_factory=Standing)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.log: logging.Logger = self.recorder.log
        self.seed = course_seed(self.recorder.data)
        self.fingerprint = fingerprint(self.sprint.graders)

    def jobs(self, students: Sequence[str], force: bool) -> list[Job]:
        """What is to be done; what is done already goes into the standing."""
        slug = self.sprint.slug
        submitted = self.recorder.submissions()
        if not submitted:
            raise BadInput(f"nothing has been collected for '{slug}': run 'nbgrader collect {slug}' first")
        if unknown := sorted(set(students) - set(submitted)):
            raise BadInput(f"no submission of {', '.join(unknown)} for '{slug}' has been collected; check the name")
        repair_all(self.recorder)
        recorded = self.patiently(self._recorded)
        jobs = []
        for student in students or submitted:
            folder = submitted[student]
            digest = journal.digest(folder, self.sprint.release.parent, self.fingerprint, self.limits, self.seed)
            status = journal.status(self._results(student), digest)
            graded = self.recorder.hidden.folder(self.recorder.coursedir.autograded_directory, student, slug)
            there = student in recorded and (graded / f"{slug}.ipynb").is_file()
            if force or status is None or not there:
                jobs.append(Job(student, folder, digest))
            else:
                self.standing.already += 1
                self.standing.add(student, status)
        return jobs

    def grade(self, jobs: list[Job], client: Client) -> None:
        """Send the jobs to the workers and record what comes back, in the order in which it comes."""
        waiting = iter(jobs)
        flying: dict[Any, tuple[Job, Sanitized]] = {}
        finished = as_completed()
        with class_progress(len(jobs), self.console) as (bar, task):
            while True:
                for job in waiting:
                    sanitized = self._sanitized(job)
                    if sanitized is None:
                        self._show(bar, task)
                        continue
                    unit = self._unit(job, sanitized)
                    future = client.submit(grade_unit, unit, key=f"{job.student}-{uuid.uuid4().hex}", pure=False)
                    flying[future] = job, sanitized
                    finished.add(future)
                    if len(flying) >= AHEAD * max(1, len(client.nthreads())):
                        break
                if not flying:
                    return
                future = next(finished)
                job, sanitized = flying.pop(future)
                graded = self._outcome(future, job, sanitized)
                if graded is not None:
                    self._record(job, sanitized, graded)
                self._show(bar, task)

    def _outcome(self, future: Any, job: Job, sanitized: Sanitized) -> GradedUnit | None:
        """What a worker made of a job, or None when it failed."""
        if future.status in ("cancelled", "lost"):
            raise PlatformFault("the Dask cluster was lost; what is done is saved, run the command again to go on")
        error = future.exception() if future.status == "error" else None
        if error is None:
            graded: GradedUnit = future.result()
            return graded
        if isinstance(error, BadInput):
            raise error
        if isinstance(error, KilledWorker):
            reason = f"{error.allowed_failures + 1} workers died while they graded it"
            self.log.error("%s: %s", job.student, reason)
            return broken_unit(sanitized, self.sprint, reason)
        self._failed(job, error)
        return None

    def _sanitized(self, job: Job) -> Sanitized | None:
        try:
            return self.patiently(lambda: self.recorder.sanitize(job.submitted, self.sprint))
        except BadInput:
            raise
        except Exception as error:
            self._failed(job, error)
            return None

    def _unit(self, job: Job, sanitized: Sanitized) -> Unit:
        directory = self.recorder.hidden.directory
        return Unit(
            job.student, self.sprint.slug, sanitized.text, sanitized.files, self.limits, self.seed,
            self.recorder.policy, None if Path(directory) == GRADERS else directory, self.fingerprint,
        )  # fmt: skip

    def _record(self, job: Job, sanitized: Sanitized, graded: GradedUnit) -> None:
        results = self._results(job.student)
        journal.unmark(results)
        try:
            self.patiently(lambda: self.recorder.record(job.student, job.submitted, sanitized, graded))
        except BadInput:
            raise
        except OSError as error:
            raise PlatformFault(f"{job.student}'s grade cannot be written: {error}") from error
        except Exception as error:
            self._failed(job, error)
            return
        journal.mark(results, job.digest, graded.results)
        self.standing.add(job.student, graded.results.status)

    def _failed(self, job: Job, error: BaseException) -> None:
        self.log.error("%s could not be graded", job.student, exc_info=error)
        self.standing.failed[job.student] = " ".join(str(error).split())[:300] or type(error).__name__

    def _results(self, student: str) -> Path:
        return self.recorder.hidden.results({"nbgrader": {"student": student, "assignment": self.sprint.slug}})

    def _recorded(self) -> set[str]:
        """The students whose submission the gradebook knows."""
        coursedir = self.recorder.coursedir
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            try:
                gradebook.find_assignment(self.sprint.slug)
            except MissingEntry:
                raise BadInput(
                    f"the gradebook does not know '{self.sprint.slug}':"
                    f" run 'nbgrader generate_assignment {self.sprint.slug}' first"
                ) from None
            return {submission.student_id for submission in gradebook.assignment_submissions(self.sprint.slug)}

    def _show(self, bar: Progress, task: TaskID) -> None:
        bar.update(task, advance=1, failed=len(self.standing.failed) + len(self.standing.broken))

    def patiently(self, action: Callable[[], T]) -> T:
        """Do something with the gradebook, again and again while it is locked or cannot be reached."""
        end = time.monotonic() + DATABASE_S
        while True:
            try:
                return action()
            except (OperationalError, InvalidEntry) as error:
                cause = error if isinstance(error, OperationalError) else error.__context__
                if not isinstance(cause, OperationalError):
                    raise
                if time.monotonic() > end:
                    url = make_url(self.recorder.coursedir.db_url).render_as_string(hide_password=True)
                    raise BadInput(
                        f"the gradebook {url} cannot be used ({cause.orig}): what is done is saved,"
                        " run the command again when it can"
                    ) from error
                self.log.warning("the gradebook cannot be used, waiting: %s", cause.orig)
                time.sleep(1)


@contextlib.contextmanager
def _client(workers: int, scheduler: str | None) -> Iterator[Client]:
    """A client of the scheduler at an address, or of a cluster on this machine that ends with it."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(SETTINGS))
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # a submission may have large files
        warnings.filterwarnings("ignore", "Object of type <Submitted", SAWarning)  # nbgrader makes rows out of order
        if scheduler is None:
            cluster = LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", memory_limit=0,
                dashboard_address=None, silence_logs=logging.CRITICAL,
            )  # fmt: skip
            stack.enter_context(cluster)
            yield stack.enter_context(Client(cluster))
            return
        try:
            client = Client(scheduler, timeout=SCHEDULER_S)
        except (OSError, TimeoutError, ValueError) as error:
            raise BadInput(f"the scheduler {scheduler} does not answer ({error}): check the address") from None
        yield stack.enter_context(client)
