#!/usr/bin/env bash
# nbgrader 0.9.6, SQLAlchemy 2.1.9.
# nbgrader export as CSV sends three queries to the database for each submission, besides two: the time grows with
# students times assignments, and over a network by as many round trips. Gradebook.submission_dicts, which has the
# same numbers, is one query for a whole assignment.
# Seen: 32 queries for 10 students and 62 for 20; 1 for either by submission_dicts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet nbgrader==0.9.6 SQLAlchemy==2.1.9
cd "$folder"
python - <<'PROGRAM'
import sys
import warnings

import sqlalchemy
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

warnings.simplefilter("ignore")
queries = []


def class_of(students):
    address = f"sqlite:///{students}.db"
    with Gradebook(address) as book:
        book.add_assignment("ps")
        book.add_notebook("p", "ps")
        book.add_grade_cell("cell", "p", "ps", max_score=1, cell_type="code")
        for number in range(students):
            book.add_student(f"s{number}")
            book.add_submission("ps", f"s{number}")
    with Gradebook(address) as book:
        sqlalchemy.event.listen(book.engine, "before_cursor_execute", lambda *_: queries.append(1))
        counts = []
        for ask in (lambda: CsvExportPlugin(to=f"{students}.csv").export(book), lambda: book.submission_dicts("ps")):
            book.db.expire_all()
            queries.clear()
            ask()
            counts.append(len(queries))
        return counts


seen = {students: class_of(students) for students in (10, 20)}
print("students: queries of export, of submission_dicts:", seen)
sys.exit(seen != {10: [32, 1], 20: [62, 1]})
PROGRAM
