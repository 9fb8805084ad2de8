"""What nbgrader's gradebook takes as a course grows: which questions become slower, and which ask more often.

``python benchmarks/gradebook.py [--students 100,1000,10000] [--assignments 2] [--cells 10] [--url URL] [--stock]
[--limit 240] [--only export]`` fills a database with submissions, graded and with comments, and prints for each
question the median time and the number of queries. The questions are those of grading one submission, of the
formgrader's pages and of the export; one that would take more seconds than the limit is not asked. Without ``--url``
the database is a new SQLite file; with it, an empty one, such as PostgreSQL's. ``--stock`` leaves out the indexes that
this project adds.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import sqlalchemy
from nbgrader import api
from nbgrader.plugins import CsvExportPlugin
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.bridge.config import commands_on_path
from autograder.bridge.database import add_indexes
from autograder.bridge.export import CsvExport

SLUG = "ps0"
RUNS = 3
CHUNK = 500
"""Students whose rows are written at once."""

Answers = dict[str, tuple[float, int]]
"""For each question the seconds and the number of queries."""


def main() -> None:
    """Fill and measure, and print one row for each question."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", default="100,1000,10000", help="rising numbers, with commas")
    parser.add_argument("--assignments", type=int, default=2)
    parser.add_argument("--cells", type=int, default=10, help="grade cells of a notebook")
    parser.add_argument("--url", default="", help="an empty database; default: an SQLite file")
    parser.add_argument("--stock", action="store_true", help="without the indexes that this project adds")
    parser.add_argument("--limit", type=float, default=240, help="seconds that a question may take")
    parser.add_argument("--only", default="", help="ask only questions with this word, such as export")
    options = parser.parse_args()
    counts = [int(count) for count in options.students.split(",")]
    warnings.simplefilter("ignore")
    commands_on_path()
    with (
        tempfile.TemporaryDirectory(prefix="gradebook-") as folder,
        api.Gradebook(options.url or f"sqlite:///{folder}/gradebook.db") as book,
    ):
        if not options.stock:
            add_indexes(book.engine)
        prepare(book, options.assignments, options.cells)
        taken: list[Answers] = []
        for before, count in pairwise([0, *counts]):
            fill(book, before, count)
            asked = expected(taken, count / before if before else 1.0, options.limit)
            taken.append(measure(book, before, Path(folder), asked, options.only))
        show(book, counts, options, taken)


def expected(taken: list[Answers], growth: float, limit: float) -> dict[str, float]:
    """The seconds that each question would take now, if its time grows as it did before, at least with the class.

    Only those below the limit.
    """
    if not taken:
        return {}
    last = taken[-1]
    before = taken[-2] if len(taken) > 1 else {}
    found = {}
    for what, (seconds, _) in last.items():
        steeper = what in before and before[what][0] and seconds / before[what][0] > 2 * growth
        found[what] = seconds * growth ** (2 if steeper else 1)
    return {what: seconds for what, seconds in found.items() if seconds <= limit}


def prepare(book: api.Gradebook, assignments: int, cells: int) -> None:
    """Assignments with one notebook each."""
    for number in range(assignments):
        slug = f"ps{number}"
        book.add_assignment(slug)
        book.add_notebook("p", slug)
        for place in range(cells):
            book.add_grade_cell(f"cell{place}", "p", slug, max_score=2, cell_type="code")
            book.add_solution_cell(f"solve{place}", "p", slug)


def fill(book: api.Gradebook, first: int, last: int) -> None:
    """Students first to last, each with a graded submission of every assignment; written in bulk."""
    notebooks = book.db.query(api.Notebook).all()
    for start in track(range(first, last, CHUNK), f"filling up to {last:,}"):
        rows: dict[type, list[dict[str, object]]] = {}
        for number in range(start, min(start + CHUNK, last)):
            rows.setdefault(api.Student, []).append({"id": f"student{number:05}"})
            for notebook in notebooks:
                submission, below = uuid4().hex, uuid4().hex
                person = {"student_id": f"student{number:05}", "assignment_id": notebook.assignment_id}
                rows.setdefault(api.SubmittedAssignment, []).append({"id": submission, **person})
                of_notebook = {"id": below, "assignment_id": submission, "notebook_id": notebook.id}
                rows.setdefault(api.SubmittedNotebook, []).append(of_notebook)
                for kind, table in (("grade_cells", api.Grade), ("solution_cells", api.Comment)):
                    cells = getattr(notebook, kind)
                    values = {"auto_score": 1.0} if table is api.Grade else {"auto_comment": "No response."}
                    for cell in cells:
                        row = {"id": uuid4().hex, "cell_id": cell.id, "notebook_id": below, **values}
                        rows.setdefault(table, []).append(row)
        for table, values in rows.items():
            book.db.execute(sqlalchemy.insert(table), values)
        book.db.commit()
    if book.engine.dialect.name == "postgresql":  # which does so by itself, minutes later
        book.db.execute(sqlalchemy.text("ANALYZE"))
        book.db.commit()


def measure(book: api.Gradebook, student: int, folder: Path, expected: dict[str, float], only: str) -> Answers:
    """The median seconds and the queries of each question, without those that are expected to take too long."""
    name, sent = f"student{student:05}", [0]
    sqlalchemy.event.listen(book.engine, "before_cursor_execute", lambda *_: sent.__setitem__(0, sent[0] + 1))

    def record() -> None:
        """What grading writes: each grade of one submission, with a commit."""
        for grade in book.find_submission_notebook("p", SLUG, name).grades:
            grade.auto_score = 2.0 - (grade.auto_score or 0.0)
        book.db.commit()

    questions: dict[str, Callable[[], object]] = {
        "grading: find a submission": lambda: book.find_submission(SLUG, name).score,
        "grading: find a grade by its cell": lambda: book.find_grade("cell5", "p", SLUG, name),
        "grading: write a submission's grades": record,
        "formgrader: the assignments' averages": lambda: book.average_assignment_score(SLUG),
        "formgrader: all submissions of one": lambda: book.submission_dicts(SLUG),
        "formgrader: all notebooks of one": lambda: book.notebook_submission_dicts("p", SLUG),
        "formgrader: all students": book.student_dicts,
        "nbgrader's export": lambda: CsvExportPlugin(to=str(folder / "grades.csv")).export(book),
        "this project's export": lambda: CsvExport(to=str(folder / "grades.csv")).export(book),
    }
    found = {}
    for what, ask in questions.items():
        if only not in what or (expected and what not in expected):
            continue
        seconds: list[float] = []
        for _ in range(RUNS if expected.get(what, 0.0) < 5 else 1):
            book.db.expire_all()
            sent[0], start = 0, time.perf_counter()
            ask()
            seconds.append(time.perf_counter() - start)
        found[what] = statistics.median(seconds), sent[0]
    return found


def show(book: api.Gradebook, counts: list[int], options: argparse.Namespace, taken: list[Answers]) -> None:
    """Time and queries at each size, and by how much the last is slower than the first."""
    database = book.engine.dialect.name
    table = Table(title=f"{database}, {options.assignments} assignments with {options.cells} grade cells")
    table.add_column("question")
    for count in counts:
        table.add_column(f"ms, {count:,} students", justify="right")
        table.add_column("queries", justify="right")
    table.add_column("× slower", justify="right")
    for what in taken[0]:
        asked = [found.get(what) for found in taken]
        cells = [text for one in asked for text in ((f"{1e3 * one[0]:,.1f}", f"{one[1]:,}") if one else ("–", "–"))]
        table.add_row(what, *cells, f"{asked[-1][0] / asked[0][0]:.1f}" if asked[-1] and asked[0] else "–")
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
