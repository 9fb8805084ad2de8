"""Results as annotations of a notebook in a CI job: workflow commands for GitHub, a code quality report for GitLab.

An annotation points to a line of a file: here the line of the notebook's JSON with the cell's id.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from pathlib import Path

from autograder.grading.causes import Cause
from autograder.grading.results import Results, TestResult
from autograder.reports.wording import LOOKS, mend_first
from autograder.text import clean

SEVERITIES = {"error": "major", "warning": "minor", "notice": "info"}
MAX_MESSAGE = 2_000
_NAMED = re.compile(r'"grade_id": "([^"\\]{1,300})"')


def workflow_commands(results: Results, notebook: Path) -> list[str]:
    """``::error file=…,line=…,title=…::…`` for each test that did not pass; text from elsewhere is escaped."""
    found, lines = [], lines_of(notebook)
    for cause in _causes(results):
        place = {"file": str(notebook), "line": str(lines.get(cause.answer, 1)), "title": mend_first()}
        found.append(_command("error", place, cause.text))
    for cell, test, level in _to_show(results):
        place = {"file": str(notebook), "line": str(lines.get(cell, 1)), "title": f"{cell}: {test.title}"}
        found.append(_command(level, place, test.message or test.outcome))
    return found


def _command(level: str, place: dict[str, str], said: str) -> str:
    about = ",".join(f"{name}={_property(value)}" for name, value in place.items())
    return f"::{level} {about}::{_data(clean(said, MAX_MESSAGE))}"


def code_quality(results: Results, notebook: Path) -> str:
    """GitLab's code quality report: a JSON list with a description, fingerprint and location for each failed test."""
    lines = lines_of(notebook)
    found = [
        {
            "check_name": "cause",
            "description": clean(f"{mend_first()}: {cause.text}", MAX_MESSAGE),
            "fingerprint": hashlib.sha256(f"{results.sprint}\0{cause.text}".encode()).hexdigest(),
            "severity": SEVERITIES["error"],
            "location": {"path": str(notebook), "lines": {"begin": lines.get(cause.answer, 1)}},
        }
        for cause in _causes(results)
    ]
    found += [
        {
            "check_name": test.name,
            "description": clean(f"{cell}: {test.title} ({test.outcome})\n{test.message}".strip(), MAX_MESSAGE),
            "fingerprint": hashlib.sha256(f"{results.sprint}\0{cell}\0{test.name}".encode()).hexdigest(),
            "severity": SEVERITIES[level],
            "location": {"path": str(notebook), "lines": {"begin": lines.get(cell, 1)}},
        }
        for cell, test, level in _to_show(results)
    ]
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def lines_of(notebook: Path) -> dict[str, int]:
    """The line of the notebook's file on which each cell's name stands first; it is read once, and line by line."""
    found: dict[str, int] = {}
    with contextlib.suppress(OSError, UnicodeDecodeError), notebook.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            named = _NAMED.search(line) if '"grade_id"' in line else None
            if named:
                found.setdefault(named[1], number)
    return found


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
