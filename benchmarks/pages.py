"""How large the worst pages become, and what they take.

``python benchmarks/pages.py [--page formgrade] [NAME ...]`` makes the feedback page, or the formgrader's, of each of
the worst notebooks of ``tests/support/worst_pages.py``, each in a process of its own, and prints the page's megabytes,
the CPU seconds, and the memory beyond that of a process that has made an empty page.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from pathlib import Path

from measure import peak_mib
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.support.pages_made import page
from tests.support.worst_pages import notebook_of, worst_notebooks


def measured(cells: list[dict], template: str) -> tuple[float, float, float]:
    """A page's megabytes, CPU seconds and further memory, from a process that ends with it."""
    readable, writable = os.pipe()
    if not os.fork():
        before, began = peak_mib(os.getpid()), time.process_time()
        html = page(notebook_of(cells), template)
        told = f"{len(html.encode()) / 1e6} {time.process_time() - began} {peak_mib(os.getpid()) - before}"
        os.write(writable, told.encode())
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable) as file:
        size, seconds, more = map(float, file.read().split())
    os.wait()
    return size, seconds, more


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only notebooks whose name holds one of these")
    parser.add_argument("--page", choices=("feedback", "formgrade"), default="feedback")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    page(notebook_of([]), chosen.page)
    table = Table("notebook", "page, MB", "CPU, s", "memory, MB", title=chosen.page)
    for column in table.columns[1:]:
        column.justify = "right"
    worst = [0.0, 0.0, 0.0]
    for name, cells in worst_notebooks():
        if not chosen.names or any(part in name for part in chosen.names):
            figures = measured(cells, chosen.page)
            worst = list(map(max, worst, figures))
            table.add_row(name, *(f"{figure:.1f}" for figure in figures))
    table.add_section()
    table.add_row("the most", *(f"{figure:.1f}" for figure in worst))
    Console().print(table)


if __name__ == "__main__":
    main()
