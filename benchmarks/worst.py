"""How long the worst submissions occupy a worker, beside the reference solution.

``python benchmarks/worst.py [--sprint define_by_run ...] [--kind silent ...]`` grades the reference of each sprint, and
the reference with each kind of waste of time in front of its first solution cell. It prints the reference's CPU and
wall-clock seconds, what a submission of the sprint may take, and the seconds and points of each kind. The CPU seconds
of the reference are what ``cost.toml`` beside its hidden tests records.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from rich.console import Console
from rich.table import Table

from autograder.authoring.variants import fill, reference
from autograder.course.sprint import Sprint, find_sprint, slugs
from autograder.environments import environment_of, lacking_for
from autograder.grading.allowance import allowed
from autograder.grading.conditions import Conditions
from autograder.grading.engine import grade_notebook
from autograder.grading.results import Results
from autograder.jail.lane import Lane, lane_for
from autograder.notebook.cells import is_answer, is_graded
from autograder.notebook.files import staged
from autograder.notebook.rebuild import load_submission

AGENT = "import os, sys, threading, time\nagent = sys.modules['autograder.jail.inside.agent']\n"
KINDS = {
    "silent": "the kernel runs cells and never replies",
    "sleeps": "every cell sleeps, with a little work now and then",
    "asleep": "every answer to a test sleeps",
    "dies": "the kernel dies at every request",
    "dies early": "the kernel dies between the beginning of a test and its first request",
    "deaf": "every answer computes for ever and ignores interrupts",
    "descriptors": "a thread writes into every descriptor",
    "busy": "a cell computes for ever in the background",
}
"""What each kind does."""
SOURCES = {
    "silent": """
        kernel = get_ipython().kernel
        kernel.session.send = lambda *args, **kwargs: None
    """,
    "sleeps": """
        def rest(*args):
            for _ in range(10_000):
                time.sleep(0.5)
                sum(range(1_000_000))
        get_ipython().events.register("pre_run_cell", rest)
    """,
    "asleep": """
        agent.Agent.do_name = lambda self, name: time.sleep(10_000)
    """,
    "dies": """
        agent.Agent.do_name = lambda self, name: os._exit(1)
        time.sleep(1)
    """,
    "dies early": """
        begin = agent.Agent.do_begin
        def begin_and_die(self, seed):
            begin(self, seed)
            threading.Timer(0.002, os._exit, (1,)).start()
        agent.Agent.do_begin = begin_and_die
    """,
    "deaf": """
        import signal
        signal.signal = lambda *args: None
        def spin(self, *args):
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    pass
        agent.Agent.do_name = agent.Agent.do_call = spin
    """,
    "descriptors": """
        def write():
            while True:
                for number in range(3, 64):
                    try:
                        os.write(number, b"x" * 100)
                    except OSError:
                        pass
                time.sleep(0.01)
        threading.Thread(target=write, daemon=True).start()
    """,
    "busy": """
        import subprocess
        for _ in range(2):
            subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"], start_new_session=True)
    """,
}


def main() -> None:
    """Grade, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sprint", nargs="*", default=slugs(), help="the sprints (default: all)")
    parser.add_argument("--kind", nargs="*", default=list(KINDS), choices=KINDS, help="the kinds of waste")
    options = parser.parse_args()
    console = Console(width=160)
    for slug in options.sprint:
        sprint = find_sprint(slug)
        lacking = lacking_for(sprint)
        if lacking:
            console.print(f"{slug}: left out: {lacking}")
        else:
            _measure(sprint, options.kind, console)


def _measure(sprint: Sprint, kinds: list[str], console: Console) -> None:
    solved = fill(nbformat.read(sprint.release, as_version=4), reference(sprint.slug))
    lane = lane_for("required", solved, environment=environment_of(sprint))
    _grade(sprint, solved, lane)  # the warm process starts here
    results, seconds, cpu_s, wall_s = _grade(sprint, solved, lane)
    limit = allowed(sprint.graders)
    table = Table(
        title=f"{sprint.slug}: the reference takes {cpu_s:.1f} s of CPU time and {wall_s:.1f} s, "
        f"{limit.cpu_s:g} s and {limit.wall_s:g} s are allowed"
    )
    for heading in ("submission", "what it does", "seconds", "points", "broken"):
        table.add_column(heading, justify="left" if heading in ("submission", "what it does") else "right")
    table.add_row("reference", "", f"{seconds:.1f}", f"{results.score:g}", results.status)
    for kind in kinds:
        results, seconds, *_ = _grade(sprint, with_waste(solved, kind), lane)
        table.add_row(kind, KINDS[kind], f"{seconds:.1f}", f"{results.score:g}", results.status)
    console.print(table)


def with_waste(solved: NotebookNode, kind: str) -> NotebookNode:
    """A solution with a kind of waste in front of its first cell."""
    nb = nbformat.from_dict(solved)
    first = next(cell for cell in nb.cells if cell.cell_type == "code" and is_answer(cell) and not is_graded(cell))
    source = "\n".join(line[8:] for line in SOURCES[kind].splitlines())
    first.source = f"{AGENT}{source}\n{first.source}"
    return nb


def _grade(sprint: Sprint, notebook: NotebookNode, lane: Lane) -> tuple[Results, float, float, float]:
    """The results, the seconds that a worker needs, and the CPU and wall-clock seconds of the kernels."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{sprint.slug}.ipynb")
        nbformat.write(notebook, path)
        submission = load_submission(path, sprint)
        started = time.monotonic()
        with staged(None, sprint.release.parent) as files:
            done = grade_notebook(
                submission, sprint, Conditions(lane, "benchmark"), files=files, written=Path(folder, "written")
            )
        return done.results, time.monotonic() - started, done.cpu_s, done.wall_s


if __name__ == "__main__":
    main()
