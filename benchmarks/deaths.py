"""What becomes of a class when one of its workers is killed, in each state that a worker can be in.

``python benchmarks/deaths.py [--sprint define_by_run] [--submissions 6] [--states idle,test]`` grades a class with two
workers, once undisturbed and once for each state in which the first worker that comes to it is ended by SIGKILL:
while it is starting, while its warm process imports the frameworks, while it is idle, while it receives a task, while a
cell is executed, while a test is run, and while the result is sent back. The submissions are right and wrong ones with
known scores; one of them has a cell that takes two seconds. For each state it prints the scores that are not as they
should be, who was graded more than once, and the seconds that it took longer than the undisturbed class.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from a_class import Handed, make_course, submissions
from killed_worker import SLOW, STATES
from one_notebook import HERE, environment
from rich.console import Console
from rich.table import Table

from autograder.course.sprint import Sprint, find_sprint, project_root
from autograder.notebook.cells import is_answer

WORKERS = 2
COMMAND = """
from autograder.classroom import fork_server
fork_server._IMPORTED.append("killed_worker")
from autograder.cli import main
main()
"""
LONGEST_S = 300


@dataclass(frozen=True)
class Run:
    """A class: its seconds, the exit status, its last line, wrong scores, who was graded again, if a worker died."""

    seconds: float
    status: int | None
    said: str
    wrong: list[str]
    again: list[str]
    died: bool


def main() -> None:
    """Grade the class with each death, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sprint", default="define_by_run")
    parser.add_argument("--submissions", type=int, default=6)
    parser.add_argument("--states", default=",".join(STATES), help="with commas")
    options = parser.parse_args()
    sprint, console = find_sprint(options.sprint), Console(width=140)
    handed = list(submissions(sprint, options.submissions))
    next(cell for cell in handed[-1].notebook.cells if is_answer(cell)).source += f"\nimport time\n{SLOW}\n"
    table = Table(title=f"{len(handed)} submissions, {WORKERS} workers, {os.cpu_count()} cores")
    for column in ("killed while", "a worker died", "s", "s lost", "wrong scores", "graded again", "status", "said"):
        table.add_column(column)
    undisturbed = None
    for state in ("nothing", *options.states.split(",")):
        with tempfile.TemporaryDirectory(prefix="deaths-") as folder:
            run = graded(sprint, handed, Path(folder), state)
        undisturbed = run.seconds if undisturbed is None else undisturbed
        row = [
            state, "yes" if run.died else "no", f"{run.seconds:.1f}", f"{run.seconds - undisturbed:.1f}",
            ", ".join(run.wrong) or "none", ", ".join(run.again) or "nobody", str(run.status), run.said,
        ]  # fmt: skip
        table.add_row(*row)
        print(*row, sep="\t", flush=True)
    console.print(table)


def graded(sprint: Sprint, handed: list[Handed], folder: Path, state: str) -> Run:
    """Grade the class in a new course, with a death in this state; longer than :data:`LONGEST_S` counts as hanging."""
    course, notes = folder / "course", folder / "notes"
    notes.mkdir()
    make_course(sprint, course, handed)
    paths = os.pathsep.join((str(HERE), str(project_root())))
    env = environment(PYTHONPATH=paths, DEATH_STATE=state, DEATH_FOLDER=str(notes))
    command = [sys.executable, "-c", COMMAND, "autograde", sprint.slug, "--workers", str(WORKERS)]
    began, status = time.monotonic(), None
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(command, cwd=course, env=env, stdout=log, stderr=log)
        try:
            status = process.wait(LONGEST_S)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait()
        seconds = time.monotonic() - began
        log.seek(0)
        said = (log.read().strip().splitlines() or [""])[-1]
    starts = Counter((notes / "started").read_text().split()) if (notes / "started").exists() else Counter()
    found = (course / "course" / "results").glob("*/*/results.json")
    scores = {path.parts[-3]: json.loads(path.read_text())["score"] for path in found}
    wrong = [
        f"{one.student}: {scores.get(one.student)}, not {one.due:g}"
        for one in handed
        if abs(scores.get(one.student, -1.0) - one.due) > 1e-9
    ]
    again = [f"{student} ({count})" for student, count in sorted(starts.items()) if count > 1]
    return Run(seconds, status, said, wrong, again, (notes / "died").exists())


if __name__ == "__main__":
    main()
