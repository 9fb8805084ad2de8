"""This checkout against another one, side by side in one run: one notebook, and a class.

``python benchmarks/against.py ../old --python ../old/.venv/bin/python``. Both grade the same submissions, in turn, so
that a drift of the machine's speed meets both. Printed are medians, and this checkout's as a multiple of the other's.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from a_class import Handed, make_course, submissions
from measure import Cost, measure
from one_notebook import environment
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.course.sprint import Sprint, find_sprint, project_root

COMMAND = ["-c", "from autograder.cli import main; main()"]
UNITS = {"seconds": "seconds", "cpu": "CPU seconds", "mebibytes": "MiB"}


@dataclass
class Side:
    """One checkout with its Python, what it took, and the scores it gave."""

    name: str
    root: Path
    python: str
    one: list[Cost] = field(default_factory=list)
    whole: list[Cost] = field(default_factory=list)
    scores: dict[str, float] = field(default_factory=dict)

    def run(self, place: Path, *arguments: str) -> Cost:
        """The command of this checkout, in a course."""
        env = environment(PYTHONPATH=str(self.root), AUTOGRADER_ROOT=str(place), AUTOGRADER_SEED="bench")
        return measure([self.python, *COMMAND, *arguments], place, env)


def grade_one(side: Side, sprint: Sprint, notebook: Path) -> None:
    """One notebook, by the command that a CI job calls."""
    side.one.append(side.run(side.root, "grade", str(notebook), "--sprint", sprint.slug))


def grade_class(side: Side, sprint: Sprint, course: Path, workers: int) -> None:
    """A class, in a copy of the course."""
    with tempfile.TemporaryDirectory(prefix="against-") as folder:
        place = Path(folder, "course")
        shutil.copytree(course, place)
        for config in place.glob("nbgrader_config.py"):
            config.write_text(config.read_text().replace(str(course), str(place)))
        side.whole.append(side.run(place, "autograde", sprint.slug, "--workers", str(workers)))
        found = (place / "course" / "results").glob("*/*/results.json")
        side.scores = {path.parts[-3]: json.loads(path.read_text())["score"] for path in found}


def table(here: Side, there: Side, title: str) -> Table:
    """Medians of both sides, and their ratio."""
    shown = Table(title=title)
    for heading in ("", there.name, here.name, "ratio"):
        shown.add_column(heading, justify="left" if not heading else "right")
    for what, ours, theirs in (("one notebook", here.one, there.one), ("a class", here.whole, there.whole)):
        for unit in UNITS:
            new, old = (statistics.median(getattr(cost, unit) for cost in costs) for costs in (ours, theirs))
            shown.add_row(f"{what}, {UNITS[unit]}", f"{old:.2f}", f"{new:.2f}", f"{new / old:.3f}")
    return shown


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="the other checkout")
    parser.add_argument("--python", help="its Python (default: that of its .venv)")
    parser.add_argument("--sprint", default="define_by_run")
    parser.add_argument("--submissions", type=int, default=16)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sprint, other = find_sprint(options.sprint), options.other.resolve()
    here = Side("this checkout", project_root(), sys.executable)
    python = Path(options.python) if options.python else other / ".venv" / "bin" / "python"
    there = Side(other.name, other, str(python.absolute()))  # not resolved: a link to it means another environment
    handed: list[Handed] = list(submissions(sprint, options.submissions))
    with tempfile.TemporaryDirectory(prefix="against-") as folder:
        course, notebook = make_course(sprint, Path(folder, "course"), handed), Path(folder, "one.ipynb")
        nbformat.write(handed[0].notebook, notebook)
        for _ in track(range(options.rounds), "measuring", console=Console(stderr=True)):
            for side in (there, here):
                grade_one(side, sprint, notebook)
                grade_class(side, sprint, course, options.workers)
    if here.scores != there.scores:
        sys.exit(f"the two checkouts give other scores: {there.scores} and {here.scores}")
    how = f"{options.rounds} rounds, {options.submissions} submissions, {options.workers} workers"
    title = f"{how}; load {os.getloadavg()[0]:.1f}"
    Console().print(table(here, there, title))


if __name__ == "__main__":
    main()
