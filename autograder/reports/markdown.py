"""Results as Markdown, for the page of a CI job.

Text from the student's process is put in code blocks that it cannot close.
"""

from __future__ import annotations

import re
from pathlib import Path

from autograder.grading.outcome import Outcome
from autograder.grading.results import Cell, Results, TestResult
from autograder.reports.rows import rows_of, skipped_because
from autograder.reports.wording import LOOKS, mend_first, not_final, with_count
from autograder.text import clean

MAX_BYTES = 900_000
"""GitHub does not show a summary of more than 1 MiB."""


def markdown(results: Results) -> str:
    """A table of the cells, then each test that did not pass with its message."""
    lines = [f"## {results.sprint}: {results.score:g} of {results.max_score:g} points", ""]
    if not_final(results):
        lines += [f"**{not_final(results)}**", ""]
    if results.causes:
        counts = skipped_because(results)
        shown = (inline(with_count(cause.text, counts[cause.text])) for cause in results.causes)
        lines += [f"**{mend_first()}**", "", *(f"- {cause}" for cause in shown), ""]
    lines += ["| task | points | tests |", "|---|---:|---|", *map(_row, results.cells), ""]
    room = MAX_BYTES - len("\n".join(lines).encode())
    for details in (_details(cell, test) for cell in results.cells for test in _to_show(cell)):
        room -= len("\n".join(details).encode()) + 1
        if room < 0:  # a block that is cut off would take in what others append to the file
            lines += ["… and more than fits here.", ""]
            break
        lines += details
    return "\n".join(lines) + "\n"


def append_markdown(results: Results, path: Path) -> None:
    """Append to a file, such as the one that ``GITHUB_STEP_SUMMARY`` names in a CI job."""
    with path.open("a", encoding="utf-8") as file:
        file.write(markdown(results) + "\n")


def fenced(text: str) -> str:
    """Text from elsewhere as a code block whose fence is longer than any in the text."""
    text = clean(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def inline(text: str) -> str:
    """Text on one line, with all markup escaped."""
    one_line = " ".join(clean(text, 300).split())
    return re.sub(r"([\\`*_{}\[\]()#+!|<>~&@$:-]|(?i:(?<=www))\.)", r"\\\1", one_line)  # GitHub makes links of www.


def _to_show(cell: Cell) -> list[TestResult]:
    return [test for test in rows_of(cell) if test.outcome is not Outcome.PASSED]


def _row(cell: Cell) -> str:
    marks = " ".join(LOOKS[test.outcome].emoji for test in cell.rows)
    return f"| {inline(cell.id)} | {cell.points:g} of {cell.max_points:g} | {marks} |"


def _details(cell: Cell, test: TestResult) -> list[str]:
    points = f"{test.points:g} of {test.max_points:g} points"
    head = f"{LOOKS[test.outcome].emoji} **{inline(cell.id)}**: {inline(test.title)} ({test.outcome}, {points})"
    return [head, "", *([fenced(test.message), ""] if test.message else [])]
