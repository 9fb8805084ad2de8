"""A class with as many of the worst submissions among the honest ones: how long it takes, and who loses a point by it.

``python benchmarks/hostile_class.py [--honest 50] [--worst 50] [--workers 2]`` grades the honest students alone, and
then the same students with the worst submissions of ``worst.py`` among them. The second run may take as long as the
first, and 120 s of one worker for each of the worst. Printed are both times and that bound, honest scores that are
wrong, submissions that are broken, and the largest memory that the coordinator and each worker ever had (peak resident
size, the platform's own processes only: what runs in the sandbox has limits of its own).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

import nbformat
import psutil
from a_class import Handed, make_course, submissions
from measure import peak_mib
from one_notebook import environment
from rich.console import Console
from rich.table import Table
from worst import KINDS, with_waste

from autograder.authoring.variants import fill, reference
from autograder.course.sprint import Sprint, find_sprint

COMMAND = [sys.executable, "-c", "from autograder.cli import main; main()"]
EACH_S = 120
"""Seconds for which one submission may occupy a worker."""
SAMPLE_S = 0.5


@dataclass
class Run:
    """One class: seconds, score and state by student, and the peaks of the platform's processes in MiB."""

    seconds: float
    scores: dict[str, float]
    states: dict[str, str]
    peaks: dict[str, list[float]] = field(default_factory=dict)


def main() -> None:
    """Grade both classes, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sprint", default="define_by_run")
    parser.add_argument("--honest", type=int, default=50)
    parser.add_argument("--worst", type=int, default=50)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    sprint, console = find_sprint(options.sprint), Console(width=140)
    honest, worst = list(submissions(sprint, options.honest)), list(worst_of(sprint, options.worst))
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        runs = {
            "honest students alone": graded(sprint, Path(folder, "alone"), honest, options.workers),
            "with the worst among them": graded(sprint, Path(folder, "both"), among(honest, worst), options.workers),
        }
    bound = runs["honest students alone"].seconds + len(worst) * EACH_S / options.workers
    console.print(shown(runs, honest, f"{len(honest)} honest, {len(worst)} of the worst, {options.workers} workers"))
    console.print(f"the bound: {bound:.0f} s; load {os.getloadavg()[0]:.1f}")


def worst_of(sprint: Sprint, count: int) -> Iterator[Handed]:
    """``count`` submissions that waste time, going through all kinds in turn."""
    solved = fill(nbformat.read(sprint.release, as_version=4), reference(sprint.slug))
    for number, kind in enumerate(islice(cycle(KINDS), count)):
        yield Handed(f"worst{number:05}", kind, with_waste(solved, kind), 0)


def among(honest: list[Handed], worst: list[Handed]) -> list[Handed]:
    """Both, with names by which they alternate: a class is graded by name."""
    both = [Handed(f"{n:05}-{one.student}", one.made_from, one.notebook, one.due) for n, one in enumerate(honest)]
    return [*both, *(Handed(f"{n:05}-{one.student}", one.made_from, one.notebook, 0) for n, one in enumerate(worst))]


def graded(sprint: Sprint, course: Path, handed: list[Handed], workers: int) -> Run:
    """Grade a class in jails, by the command."""
    make_course(sprint, course, handed)
    env = environment(AUTOGRADER_ROOT=str(course), AUTOGRADER_SEED="bench", AUTOGRADER_SANDBOX="required")
    start, peaks = time.monotonic(), dict[int, tuple[str, float]]()
    with subprocess.Popen([*COMMAND, "autograde", sprint.slug, "--workers", str(workers)], cwd=course, env=env) as done:
        while done.poll() is None:
            with suppress(psutil.Error):
                for name, process in platform(psutil.Process(done.pid)):
                    known, peak = peaks.get(process.pid, (name, 0.0))
                    peaks[process.pid] = known if name == "other" else name, max(peak_mib(process.pid), peak)
            time.sleep(SAMPLE_S)
    seconds = time.monotonic() - start
    found = {path.parts[-3]: json.loads(path.read_text()) for path in course.glob("course/results/*/*/results.json")}
    run = Run(
        seconds, {who: one["score"] for who, one in found.items()}, {w: one["status"] for w, one in found.items()}
    )
    for name, peak in peaks.values():
        run.peaks.setdefault(name, []).append(peak)
    return run


def platform(root: psutil.Process) -> Iterator[tuple[str, psutil.Process]]:
    """The command's own process and those below it that are outside of any sandbox, with what each is."""
    yield "coordinator", root
    waiting = root.children()
    while waiting:
        process = waiting.pop()
        below = process.children()
        if process.name() != "bwrap":
            yield ("worker" if any(child.name() == "bwrap" for child in below) else "other"), process
            waiting += below


def shown(runs: dict[str, Run], honest: list[Handed], title: str) -> Table:
    """A row for each class."""
    table = Table(title=title)
    for column in ("class", "seconds", "graded", "honest scores wrong", "broken", "points of the worst",
                   "coordinator, MiB", "workers, MiB"):  # fmt: skip
        table.add_column(column, justify="left" if column == "class" else "right")
    for name, run in runs.items():
        scores = {who.rpartition("-")[2]: score for who, score in run.scores.items()}
        wrong = [one for one in honest if abs(scores.get(one.student, -1) - one.due) > 1e-9]
        of_worst = [score for who, score in scores.items() if who.startswith("worst")]
        table.add_row(
            name, f"{run.seconds:.0f}", str(len(scores)), str(len(wrong)),
            str(sum(state == "broken" for state in run.states.values())),
            f"{min(of_worst):g} to {max(of_worst):g}" if of_worst else "",
            *(" ".join(f"{peak:.0f}" for peak in run.peaks.get(kind, [])) for kind in ("coordinator", "worker")),
        )  # fmt: skip
    return table


if __name__ == "__main__":
    main()
