"""How long `autograder demo` takes, in this checkout and in another one, side by side in one run.

``python benchmarks/demo.py ../old [--sprint define_by_run] [--rounds 3]``. They take turns, so that a drift of the
machine's speed meets both. Printed are medians of seconds and of the CPU seconds of all processes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from measure import Cost, measure
from one_notebook import environment
from rich.console import Console
from rich.table import Table

from autograder.course.sprint import project_root

DEMO = "import sys; from autograder.cli import main; sys.argv[0] = 'autograder'; sys.argv.insert(1, 'demo'); main()"
"""The command, without the script of an environment, which imports the package of that environment."""


def demo(root: Path, python: Path, slug: str) -> Cost:
    """One demo of the checkout in ``root``, in a folder that is deleted again."""
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        command = [str(python), "-c", DEMO, "--sprint", slug, "--folder", f"{folder}/class"]
        return measure(command, root, environment(PYTHONPATH=str(root), AUTOGRADER_ROOT=str(root)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="the other checkout")
    parser.add_argument("--python", type=Path, help="its Python (default: that of its .venv)")
    parser.add_argument("--sprint", default="define_by_run")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    other = options.other.resolve()
    python = (options.python or other / ".venv" / "bin" / "python").absolute()  # not resolved: a link is another one
    sides = {"the other": (other, python), "here": (project_root(), Path(sys.executable))}
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for _ in range(options.rounds):
        for name, side in sides.items():
            costs[name].append(demo(*side, options.sprint))
            print(f"{name}: {costs[name][-1].seconds:.1f} s, {costs[name][-1].cpu:.1f} CPU s", file=sys.stderr)
    table = Table(title=f"autograder demo --sprint {options.sprint}; medians of {options.rounds} turns")
    for heading in ("", "the other", "here", "ratio"):
        table.add_column(heading, justify="left" if not heading else "right")
    for what in ("seconds", "cpu"):
        old, new = (statistics.median(getattr(cost, what) for cost in costs[name]) for name in sides)
        table.add_row({"cpu": "CPU seconds"}.get(what, what), f"{old:.1f}", f"{new:.1f}", f"{new / old:.2f}")
    Console().print(table)
    print(f"load: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
