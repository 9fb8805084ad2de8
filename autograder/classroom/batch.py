"""`autograder autograde`: grades a whole class with parallel workers; this one process records the results.

Dask sends tasks to the workers and returns their results. It restarts a lost worker and sends its task to another.
If this process is killed, the next run does only what is missing.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from autograder.classroom.cluster import client_of, share
from autograder.classroom.dispatch import Dispatch
from autograder.classroom.plan import Which
from autograder.classroom.record import Recorder
from autograder.classroom.settle import Settle
from autograder.classroom.standing import Standing
from autograder.classroom.stock import assignment
from autograder.classroom.work import usual_preload
from autograder.course.sprint import Sprint, find_sprint, project_root
from autograder.environments import environment_of, lacking_for
from autograder.errors import BadInput, PlatformFault
from autograder.grading.limits import Limits
from autograder.jail import bubblewrap
from autograder.jail.lane import warm_soon

LOCK = "autograde.lock"


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
    """Grade the collected submissions of an assignment into the gradebook, and return the class's standing.

    Parameters
    ----------
    students
        grade only these students; empty for all
    workers
        the number of processes on this machine; by default one per core that this process may use
    scheduler
        the address of a Dask scheduler whose workers to use instead
    which
        which submissions to grade
    dry_run
        grade and compare with the recorded results, but write no grade, notebook or result
    limits
        the limits of each submission; the default limits unless given

    Raises
    ------
    BadInput
        when the sprint or a student is unknown, nothing has been collected, another run is using this gradebook, the
        gradebook or the scheduler cannot be reached, or a worker has another version of the package or the graders or
        lacks the sprint's environment.
    PlatformFault
        when this machine lacks the required sandbox or the environment, or the cluster is lost.
    """
    root = project_root()
    recorder = Recorder(root, slug)
    sprint = _find(slug, recorder, root)
    if scheduler is None:
        _require_kernels(recorder, sprint)
    with only_run(recorder.data):
        settle = Settle(recorder, sprint, dry_run)
        recorder.looks = settle.standing.looks
        dispatch = Dispatch(settle, limits or Limits(), console or Console(stderr=True))
        to_grade = dispatch.plan(students, which)
        if to_grade:
            count = workers or len(os.sched_getaffinity(0))
            if scheduler is None and recorder.policy != "off" and sprint.has_graders():
                _warm_soon(sprint, count)
            with client_of(count, scheduler) as client:
                dispatch.grade(to_grade, client, only_gpu=which == "pending")
    return settle.standing


def _find(slug: str, recorder: Recorder, root: Path) -> Sprint:
    """The sprint of this name, or the assignment without hidden graders."""
    graders, coursedir = Path(recorder.hidden.directory), recorder.coursedir
    try:
        return find_sprint(slug, root, graders, recorder.hidden.release(slug).parent)
    except BadInput as error:
        if recorder.hidden.sprint(slug) is not None:
            raise  # it has hidden tests, and is not released
        return assignment(slug, coursedir, graders, error)


def _require_kernels(recorder: Recorder, sprint: Sprint) -> None:
    """Check, before anything is sent, that this machine has the sandbox and the environment."""
    lacking = bubblewrap.missing() if recorder.policy == "required" else None
    if lacking is not None:
        raise PlatformFault(f"nothing was graded: the sandbox is required but not available: {lacking}")
    lacking = lacking_for(sprint) if sprint.has_graders() else None
    if lacking is not None:
        raise PlatformFault(f"nothing was graded: {lacking}")


def _warm_soon(sprint: Sprint, workers: int) -> None:
    """Start the warm process that this machine's workers will borrow, while they are started."""
    usual = usual_preload(sprint.release.read_text(encoding="utf-8"))
    warm_soon(usual, environment_of(sprint), cores=len(share(sorted(os.sched_getaffinity(0)), 0, workers)))


@contextlib.contextmanager
def only_run(data: Path) -> Iterator[None]:
    """Hold the lock of a class's folder; the system releases it when this process ends, even if it is killed.

    Raises
    ------
    BadInput
        when another process holds the lock.
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
