"""What a submission costs the process that coordinates a class, and whether that cost grows with the class.

``python benchmarks/scale.py [--students 10000] [--workers 32] [--real 24] [--rounds 3]`` grades a class of copies of
the reference. The grading itself is replaced by a pause of its measured duration. The output is the coordinator's CPU
and wall-clock time per submission at 100, 1,000 and 10,000 submissions, its memory, and the number of workers at which
it becomes the limit. The time includes sanitizing, sending, receiving, writing the gradebook and the Dask scheduler.

A machine's speed drifts in the minutes this takes. To show whether the cost grows, it is also given as a multiple of
the time to read and write the notebook once with nbformat, measured between the submissions.

After that, 1, 2 and 4 workers of this machine really grade a class in turn; the output is the speed-up.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import logging
import os
import pickle
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dask
import nbformat
import psutil
from a_class import Handed, make_course, submissions
from distributed import Client, LocalCluster
from measure import Cost, measure
from one_notebook import environment
from rich.console import Console
from rich.table import Table

from autograder.classroom import dispatch
from autograder.classroom.cluster import SETTINGS
from autograder.classroom.record import Recorder
from autograder.classroom.settle import Settle
from autograder.classroom.standing import Standing
from autograder.classroom.work import Graded, Task, grade
from autograder.course.sprint import Sprint, find_sprint
from autograder.grading.limits import Limits

MARKS = (100, 1_000, 10_000)
THREADS = 32
"""Simulated workers in one process."""
EVERY = 10
"""Every how many submissions the notebook is read and written for comparison."""
LIMIT_MS, LIMIT_MIB = 60, 500
WORKERS = (1, 2, 4)


@dataclass(frozen=True)
class Reading:
    """The coordinator's CPU and wall-clock seconds, and memory in MiB, after ``count`` submissions.

    ``peer``: CPU seconds for reading and writing the notebook once, the median since the previous reading.
    """

    count: int
    cpu: float
    wall: float
    mebibytes: float
    peer: float


@dataclass
class Measured:
    """Reads the clocks while the class is graded; ``text`` is the notebook."""

    text: str = ""
    readings: list[Reading] = field(default_factory=list)
    done: int = 0
    peers: list[float] = field(default_factory=list)
    left_out: float = 0.0

    def read(self) -> None:
        """Record this process's times and memory, without the time spent on reading and writing the notebook."""
        memory, peer = psutil.Process().memory_info().rss / 2**20, statistics.median(self.peers or [0.0])
        cpu, wall = time.process_time() - self.left_out, time.perf_counter() - self.left_out
        self.readings.append(Reading(self.done, cpu, wall, memory, peer))
        self.peers.clear()

    @contextlib.contextmanager
    def progress(self, *bar: object) -> Iterator[Callable[[Standing], None]]:
        """Replaces the progress bar in the terminal."""
        yield self._count

    def _count(self, standing: Standing) -> None:
        self.done += 1
        if self.done % EVERY == 0:
            start = time.thread_time()
            nbformat.writes(nbformat.reads(self.text, as_version=4))
            self.peers.append(time.thread_time() - start)
            self.left_out += self.peers[-1]
        if self.done in MARKS:
            self.read()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sprint", default="define_by_run")
    parser.add_argument("--students", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=32, help="simulated")
    parser.add_argument("--real", type=int, default=24, help="submissions to really grade; 0 for none")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of real grading with 1, 2 and 4 workers")
    options = parser.parse_args()
    sprint, console = find_sprint(options.sprint), Console()
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        (one,) = submissions(sprint, 1)
        simulate(sprint, one, Path(folder), options.students, options.workers, console)
        if options.real:
            really(sprint, Path(folder), options.real, options.rounds, console)


def simulate(sprint: Sprint, one: Handed, folder: Path, students: int, workers: int, console: Console) -> None:
    """Grade a class where each grading is a pause, and print the coordinator's costs."""
    course = make_course(sprint, folder / "simulated", [one])
    os.environ.update(AUTOGRADER_ROOT=str(course), AUTOGRADER_SEED="bench")
    submitted = course / "course" / "submitted"
    for number in range(1, students):
        shutil.copytree(submitted / one.student, submitted / f"student{number:05}")
    run = Measured(nbformat.writes(one.notebook))
    dispatch.class_progress = run.progress
    settle = Settle(Recorder(course, sprint.slug), sprint, dry_run=False)
    at_work = dispatch.Dispatch(settle, Limits(), Console(file=sys.stderr))
    began = time.process_time()
    to_grade = at_work.plan((), "missing")
    planned = (time.process_time() - began) / students
    task = at_work._task(to_grade[0], only_gpu=False)
    assert task is not None
    grade(task)  # starts the warm process
    start = time.perf_counter()
    graded = grade(task)
    seconds = time.perf_counter() - start
    (folder / "graded").write_bytes(pickle.dumps(graded))
    dispatch.grade = functools.partial(pause, str(folder / "graded"), seconds)
    with simulated_workers(workers) as client:
        run.read()
        at_work.grade(to_grade, client)
        if students not in MARKS:
            run.read()
    first, last = run.readings[0], run.readings[-1]
    table = Table(title=f"the coordinator; {workers} simulated workers, a grading takes {seconds:.2f} s")
    columns = ("submissions", "CPU ms each", "wall ms each", "CPU ms, since the row above", "× nbformat", "MiB")
    for column in columns:
        table.add_column(column, justify="right")
    for before, reading in zip(run.readings, run.readings[1:], strict=False):
        cpu, wall = reading.cpu - first.cpu, reading.wall - first.wall
        since = (reading.cpu - before.cpu) / (reading.count - before.count)
        table.add_row(
            f"{reading.count:,}", f"{1e3 * cpu / reading.count:.1f}", f"{1e3 * wall / reading.count:.1f}",
            f"{1e3 * since:.1f}", f"{since / reading.peer:.1f}", f"{reading.mebibytes:.0f}",
        )  # fmt: skip
    console.print(table)
    each = (last.cpu - first.cpu) / last.count
    console.print(
        f"looking for what is to be done: {1e3 * planned:.1f} ms of CPU a submission, before the first is sent"
    )
    console.print(f"it becomes the limit at {seconds / (each + planned):.0f} workers")
    fine = 1e3 * each <= LIMIT_MS and last.mebibytes < LIMIT_MIB
    console.print(f"at most {LIMIT_MS} ms and {LIMIT_MIB} MiB: {'yes' if fine else 'NO'}")


def pause(graded: str, seconds: float, task: Task) -> Graded:
    """Replaces grading in a worker, and takes as long."""
    time.sleep(seconds)
    return _load(graded)


@functools.cache
def _load(path: str) -> Graded:
    return pickle.loads(Path(path).read_bytes())  # noqa: S301 - written by this benchmark


@contextlib.contextmanager
def simulated_workers(count: int) -> Iterator[Client]:
    """A cluster whose workers are threads that sleep, in separate processes."""
    with (
        dask.config.set(SETTINGS),
        LocalCluster(
            n_workers=-(-count // THREADS), threads_per_worker=min(count, THREADS), host="127.0.0.1", memory_limit=0,
            dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        yield client


def really(sprint: Sprint, folder: Path, count: int, rounds: int, console: Console) -> None:
    """Grade the same class with 1, 2 and 4 workers in turn, several times, and print medians."""
    handed = list(submissions(sprint, count))
    rates: dict[int, list[float]] = {workers: [] for workers in WORKERS}
    costs: dict[int, list[Cost]] = {workers: [] for workers in WORKERS}
    command = [sys.executable, "-c", "from autograder.cli import main; main()", "autograde", sprint.slug]
    for turn in range(rounds):
        for workers in WORKERS:
            course = make_course(sprint, folder / f"real{turn}-{workers}", handed)
            env = environment(AUTOGRADER_SEED="bench", PYTHONPATH=os.pathsep.join(sys.path))
            costs[workers].append(measure([*command, "--workers", str(workers)], course, env))
            rates[workers].append(rate_of(course))
    title = f"{count} submissions really graded, {os.cpu_count()} cores; start-up left out; medians of {rounds}"
    table = Table(title=title)
    for column in ("workers", "submissions a minute", "times one worker", "efficiency", "whole command, s", "peak MiB"):
        table.add_column(column, justify="right")
    for workers in WORKERS:
        rate = statistics.median(rates[workers])
        gain = statistics.median(many / one for many, one in zip(rates[workers], rates[1], strict=True))
        seconds = statistics.median(cost.seconds for cost in costs[workers])
        memory = statistics.median(cost.mebibytes for cost in costs[workers])
        table.add_row(
            str(workers), f"{rate:.0f}", f"{gain:.2f}", f"{gain / workers:.0%}", f"{seconds:.1f}", f"{memory:.0f}"
        )
    console.print(table)


def rate_of(course: Path) -> float:
    """Submissions per minute between the first and the last finished one."""
    ends = sorted(path.stat().st_mtime for path in (course / "course" / "results").glob("*/*/done.json"))
    return 60 * (len(ends) - 1) / (ends[-1] - ends[0])


if __name__ == "__main__":
    main()
