"""What `autograder report` costs for a class of 300 and of 10,000: seconds and memory, and of a second run.

``python benchmarks/report.py [--students 300 10000] [--graded 24]`` really grades a few submissions of the sprint,
right and wrong ones. The class is made of copies of their results and of their rows in the gradebook, with other
numbers in the messages, as students have. Then the command runs as an instructor types it: for the first time after
`autograder autograde`, for the first time where nothing has kept the course's settings, with nothing new, after one
submission has been graded again, and with ``--anonymous``. CPU seconds tell how busy the machine was with other things.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import shutil
import sqlite3
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from a_class import make_course, submissions
from measure import Cost, measure
from one_notebook import environment
from rich.console import Console
from rich.table import Table

from autograder.course.sprint import find_sprint, project_root

COMMAND = [sys.executable, "-c", "from autograder.cli import main; main()"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sprint", default="define_by_run")
    parser.add_argument("--students", type=int, nargs="+", default=[300, 10_000])
    parser.add_argument("--graded", type=int, default=24, help="submissions to really grade")
    options = parser.parse_args()
    sprint = find_sprint(options.sprint)
    table = Table(title=f"autograder report {sprint.slug}")
    for column in ("students", "run", "seconds", "CPU s", "MiB"):
        table.add_column(column, justify="left" if column == "run" else "right")
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        course = make_course(sprint, Path(folder) / "graded", list(submissions(sprint, options.graded)))
        env = environment(AUTOGRADER_ROOT=str(course), AUTOGRADER_SEED="bench")
        measure([*COMMAND, "autograde", sprint.slug], course, env)
        (course / "reference").symlink_to(project_root() / "reference")
        for count in sorted(options.students):
            enlarge(course, sprint.slug, count)
            for name, cost, cpu in runs(course, sprint.slug):
                table.add_row(f"{count:,}", name, f"{cost.seconds:.2f}", f"{cpu:.2f}", f"{cost.mebibytes:.0f}")
    Console().print(table)


def runs(course: Path, slug: str) -> Iterator[tuple[str, Cost, float]]:
    """The runs of one class, each with its cost and its CPU seconds."""
    env, made = environment(AUTOGRADER_ROOT=str(course), AUTOGRADER_SEED="bench"), course / "course" / "report"
    for path in (made / f"{slug}.html", made / "made.json"):
        path.unlink(missing_ok=True)

    def run(name: str, *options: str) -> tuple[str, Cost, float]:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        cost = measure([*COMMAND, "report", slug, *options], course, env)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return name, cost, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    results = next((course / "course" / "results").glob(f"*/{slug}/results.json"))
    yield run("the first after autograde")
    shutil.rmtree(made)
    yield run("the first, no settings kept")
    yield run("nothing new")
    results.touch()
    yield run("one submission graded again")
    yield run("--anonymous", "--anonymous")
    yield run("--json", "--json", str(course / "report.json"))


def enlarge(course: Path, slug: str, count: int) -> None:
    """Copy the graded submissions until the class has so many."""
    data, rng = course / "course", random.Random(3)
    there = sorted(path.name for path in (data / "submitted").iterdir())
    graded = [name for name in there if not name.startswith("copy")]
    texts = {name: (data / "results" / name / slug / "results.json").read_text() for name in graded}
    with sqlite3.connect(data / "gradebook.db") as book:
        for number in range(len(there), count):
            name, like = f"copy{number:05}", graded[number % len(graded)]
            copy_rows(book, name, like)
            folder = data / "results" / name / slug
            folder.mkdir(parents=True)
            (folder / "results.json").write_text(varied(texts[like], rng))
            for step in ("submitted", "feedback"):
                (data / step / name / slug).mkdir(parents=True)
            shutil.copy(data / "submitted" / like / slug / "timestamp.txt", data / "submitted" / name / slug)
            (data / "feedback" / name / slug / f"{slug}.html").touch()


def varied(text: str, rng: random.Random) -> str:
    """Results with other numbers in their messages."""
    document = json.loads(text)
    for cell in document["cells"]:
        for test in cell["tests"]:
            test["message"] = re.sub(r"\d", lambda _: str(rng.randrange(1, 10)), test["message"])
            test["duration_s"] *= rng.uniform(0.5, 2)
    return json.dumps(document, ensure_ascii=False, indent=1)


def copy_rows(book: sqlite3.Connection, name: str, like: str) -> None:
    """Copy a submission's rows in the gradebook for another student."""
    book.execute("INSERT INTO student (id) VALUES (?)", (name,))
    for (submission,) in book.execute("SELECT id FROM submitted_assignment WHERE student_id = ?", (like,)).fetchall():
        new = uuid.uuid4().hex
        _copy(book, "submitted_assignment", {"id": submission}, {"id": new, "student_id": name})
        for (notebook,) in book.execute(
            "SELECT id FROM submitted_notebook WHERE assignment_id = ?", (submission,)
        ).fetchall():
            other = uuid.uuid4().hex
            _copy(book, "submitted_notebook", {"id": notebook}, {"id": other, "assignment_id": new})
            for table in ("grade", "comment"):
                _copy(book, table, {"notebook_id": notebook}, {"notebook_id": other})


def _copy(book: sqlite3.Connection, table: str, where: dict[str, str], change: dict[str, str]) -> None:
    """Copy the rows of a table, each with a new id unless one is given."""
    (column, value), rows = next(iter(where.items())), book.cursor()
    found = rows.execute(f"SELECT * FROM {table} WHERE {column} = ?", (value,)).fetchall()
    names = [about[0] for about in rows.description]
    for row in found:
        new: dict[str, Any] = {**dict(zip(names, row, strict=True)), "id": uuid.uuid4().hex, **change}
        marks = ", ".join("?" * len(new))
        book.execute(f"INSERT INTO {table} ({', '.join(new)}) VALUES ({marks})", tuple(new.values()))


if __name__ == "__main__":
    main()
