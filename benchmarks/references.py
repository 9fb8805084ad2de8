"""How long each sprint's reference takes to grade, in this checkout and in another one, side by side in one run.

``python benchmarks/references.py ../old [--sprint define_by_run …] [--rounds 9]``. Each side grades its own reference
with its own hidden tests, in a warm process that is ready. They take turns, so that a drift of the machine's speed
meets both. Printed are medians of seconds, and of CPU seconds of the notebook's processes and of the process with the
tests. The CPU seconds say more on a machine where other work runs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from one_notebook import environment
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.course.sprint import project_root, slugs

CHILD = """
import json, sys, time
from autograder.authoring.variants import fill, reference
from autograder.course.sprint import find_sprint
from autograder.environments import environment_of
from autograder.errors import BadInput, PlatformFault
from autograder.grading.conditions import Conditions
from autograder.grading.engine import grade_notebook
from autograder.jail.lane import lane_for
from autograder.jail.preload import default_preload
from autograder.notebook.read import read_release
sprint = find_sprint(sys.argv[1])
notebook = fill(read_release(sprint.release), reference(sprint.slug))
try:
    lane = lane_for("required", ahead=1, environment=environment_of(sprint), preload=default_preload())
except (BadInput, PlatformFault) as error:
    sys.exit(str(error))
for line in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    graded = grade_notebook(notebook, sprint, Conditions(lane, line))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu + graded.cpu_s
    lost = [t.name for c in graded.results.cells for t in c.tests if t.outcome not in ("passed", "pending")]
    print(json.dumps([wall, cpu, lost]), flush=True)
"""
"""What each side runs: it grades the reference once for each line that it reads, with the line as the seed."""

BUILT = {name: value for name, value in os.environ.items() if name == "AUTOGRADER_ENVIRONMENTS"}
"""Where built environments are, if that is said: both sides use the same."""


class Side:
    """A checkout with a process of its own that grades one sprint's reference."""

    def __init__(self, root: Path, python: Path, slug: str) -> None:
        self.costs: list[tuple[float, float]] = []
        env = environment(PYTHONPATH=str(root), AUTOGRADER_ROOT=str(root), **BUILT)
        self._process = subprocess.Popen(
            [str(python), "-c", CHILD, slug], cwd=root, env=env, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.name = root.name

    def grade(self, seed: str) -> tuple[float, float]:
        """The seconds and the CPU seconds of one grading.

        Raises
        ------
        SystemExit
            when the side's process has ended, or the reference loses a test: the time would mean nothing.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended
            self._process.stdin.write(f"{seed}\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"{self.name}: the process that grades has ended; the line above says why")
        wall, cpu, lost = json.loads(line)
        if lost:
            sys.exit(f"{self.name}: the reference fails {', '.join(lost)}")
        return wall, cpu

    def end(self) -> None:
        """End the process."""
        self._process.communicate()


def compare(slug: str, here: Side, there: Side, rounds: int) -> list[str]:
    """A row of the table: medians of both sides, and what this checkout takes of the other's."""
    for side in (there, here):
        side.grade("warm")
    for place in track(range(rounds), slug, console=Console(stderr=True)):
        for side in (there, here):
            side.costs.append(side.grade(f"benchmark {place}"))
    row = [slug]
    for unit in range(2):
        old, new = (statistics.median(cost[unit] for cost in side.costs) for side in (there, here))
        row += [f"{old:.2f}", f"{new:.2f}", f"{new / old:.3f}"]
    return [*row, f"{os.getloadavg()[0]:.1f}"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="the other checkout")
    parser.add_argument("--python", type=Path, help="its Python (default: that of its .venv)")
    parser.add_argument("--sprint", nargs="*", default=slugs())
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    other = options.other.resolve()
    python = (options.python or other / ".venv" / "bin" / "python").absolute()  # not resolved: a link is another one
    table = Table(title=f"a reference graded, warm; medians of {options.rounds} turns")
    for heading in ("", f"{other.name}, s", "here, s", "ratio", f"{other.name}, CPU s", "here, CPU s", "ratio", "load"):
        table.add_column(heading, justify="left" if not heading else "right")
    left_out = False
    for slug in options.sprint:
        there, here = Side(other, python, slug), Side(project_root(), Path(sys.executable), slug)
        try:
            table.add_row(*compare(slug, here, there, options.rounds))
        except SystemExit as ended:  # the other sprints can be measured
            left_out = True
            Console(stderr=True).print(f"{slug} is left out: {ended}", style="yellow", highlight=False)
        finally:
            there.end()
            here.end()
    Console().print(table)
    sys.exit(int(left_out))


if __name__ == "__main__":
    main()
