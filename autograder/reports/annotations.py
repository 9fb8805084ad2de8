"""Results as annotations of a notebook in a CI job: workflow commands for GitHub, a code quality report for GitLab.

An annotation points to a line of a file: here the line of the notebook's JSON with the cell's id.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from autograder.grading.causes import Cause
from autograder.grading.results import Results, TestResult
from autograder.reports.wording import LOOKS, mend_first
from autograder.text import clean

SEVERITIES = {"error": "major", "warning": "minor", "notice": "info"}
MAX_MESSAGE = 2_000


def workflow_commands(results: Results, notebook: Path) -> list[str]:
    """``::error file=…,line=…,title=…::…`` for each test that did not pass; text from elsewhere is escaped."""
    found = []
    for cause in _causes(results):
        place = {"file": str(notebook), "line": str(line_of(notebook, cause.answer)), "title": mend_first()}
        found.append(_command("error", place, cause.text))
    for cell, test, level in _to_show(results):
        place = {"file": str(notebook), "line": str(line_of(notebook, cell)), "title": f"{cell}: {test.title}"}
        found.append(_command(level, place, test.message or test.outcome))
    return found


def _command(level: str, place: dict[str, str], said: str) -> str:
    about = ",".join(f"{name}={_property(value)}" for name, value in place.items())
    return f"::{level} {about}::{_data(clean(said, MAX_MESSAGE))}"


def code_quality(results: Results, notebook: Path) -> str:
    """GitLab's code quality report: a JSON list with a description, fingerprint and location for each failed test."""
    found = [
        {
            "check_name": "cause",
            "description": clean(f"{mend_first()}: {cause.text}", MAX_MESSAGE),
            "fingerprint": hashlib.sha256(f"{results.sprint}\0{cause.text}".encode()).hexdigest(),
            "severity": SEVERITIES["error"],
            "location": {"path": str(notebook), "lines": {"begin": line_of(notebook, cause.answer)}},
        }
        for cause in _causes(results)
    ]
    found += [
        {
            "check_name": test.name,
            "description": clean(f"{cell}: {test.title} ({test.outcome})\n{test.message}".strip(), MAX_MESSAGE),
            "fingerprint": hashlib.sha256(f"{results.sprint}\0{cell}\0{test.name}".encode()).hexdigest(),
            "severity": SEVERITIES[level],
            "location": {"path": str(notebook), "lines": {"begin": line_of(notebook, cell)}},
        }
        for cell, test, level in _to_show(results)
    ]
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def line_of(notebook: Path, cell: str) -> int:
    """The line of the notebook's file that contains a cell's id; 1 if there is none."""
    try:
        lines = notebook.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return 1
    wanted = f'"grade_id": {json.dumps(cell)}'
    return next((number for number, line in enumerate(lines, 1) if wanted in line), 1)


def _causes(results: Results) -> list[Cause]:
    """The causes that no test shows."""
    return [cause for cause in results.causes if not cause.test]


def _to_show(results: Results) -> list[tuple[str, TestResult, str]]:
    shown = ((cell.id, test, LOOKS[test.outcome].level) for cell in results.cells for test in cell.rows)
    return [(cell, test, level) for cell, test, level in shown if level]


def _data(text: str) -> str:
    """Escape a message as GitHub's toolkit does."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape a property as GitHub's toolkit does."""
    return _data(clean(text, 300)).replace(":", "%3A").replace(",", "%2C")
