"""What a student sees of a grade cell: every property that was tested, what came of it, and why.

Messages hold text from the student's process, which may be written to hurt whoever reads it: markup, escape
sequences of a terminal, text that runs backwards, a megabyte of it. All of it passes `clean` and is
escaped.
"""

from __future__ import annotations

import re
from html import escape

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.grading.results import CellResult, TestResult

MAX_CHARACTERS = 4000
MAX_LINES = 60

OUTCOMES = {
    "passed": ("✓", "passed"),
    "failed": ("✗", "failed"),
    "error": ("✗", "your code raised an exception"),
    "timeout": ("✗", "took too long"),
    "crashed": ("✗", "the kernel died"),
    "pending": ("…", "waits for a machine that has what this test needs"),
    "broken": ("!", "could not be run; the fault is ours"),
}
STATUSES = {
    "graded": "",
    "pending": "Not final: some tests wait for a machine that has what they need.",
    "broken": "Not final: a test could not be run. The fault is not yours, and it costs you nothing: "
    "your instructor sees this cell and will look into it.",
}

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_HOSTILE = re.compile(  # control characters, and those that reorder or hide text
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_BOX = "margin:0.3em 0;padding:0.5em;background:#f7f7f7;border-left:3px solid #bbb;white-space:pre-wrap"


def clean(text: str, characters: int = MAX_CHARACTERS, lines: int = MAX_LINES) -> str:
    """Text from a student's process, bounded and without anything that acts on a terminal or a reader."""
    cut = text[: 4 * characters]  # escape sequences take room too
    cut = _HOSTILE.sub("\N{REPLACEMENT CHARACTER}", _ANSI.sub("", cut.replace("\r\n", "\n"))).expandtabs(4)
    kept = cut[:characters].split("\n")
    shown = "\n".join(kept[:lines])
    if len(text) > 4 * characters or len(cut) > characters or len(kept) > lines:
        shown += f"\n… ({len(text)} characters in all)"
    return shown


def score_output(cell: CellResult) -> NotebookNode:
    """The one output of a grade cell: the points for nbgrader, the feedback for everybody else."""
    data = {"text/plain": repr(float(cell.points)), "text/html": render(cell)}
    return new_output("execute_result", data, execution_count=None)


def render(cell: CellResult) -> str:
    """A grade cell's tests as HTML that is safe to put into a page."""
    note = STATUSES[cell.status]
    rows = "".join(_row(test) for test in cell.tests)
    # MathJax would turn $\href{…}{…}$ in a message into a link
    return (
        '<div class="autograder-feedback tex2jax_ignore mathjax_ignore">'
        f"<p><b>{_points(cell.points)} of {_points(cell.max_points)} points</b> {escape(note)}</p>"
        f'<ul style="list-style:none;padding-left:0">{rows}</ul></div>'
    )


def _row(test: TestResult) -> str:
    sign, outcome = OUTCOMES[test.outcome]
    points = f"{_points(test.points)} of {_points(test.max_points)}"
    # what a broken test says is about the grader, which is hidden
    message = clean(test.message).strip() if test.outcome not in ("passed", "broken") else ""
    box = f'<pre style="{_BOX}">{escape(message)}</pre>' if message else ""
    title = escape(clean(test.title, 200, 1))
    return f"<li>{sign} {title} <i>({escape(outcome)}, {points})</i>{box}</li>"


def _points(points: float) -> str:
    return f"{points:g}"
