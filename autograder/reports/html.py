"""What a student sees of a grade cell: every tested property, the outcome, and why.

Messages contain text from the student's process, which may be an attack on the reader: markup, terminal escape
sequences, text that runs backwards, a megabyte of output. All of it goes through `clean` and is escaped.
"""

from __future__ import annotations

import re
from html import escape

from nbformat import NotebookNode, from_dict

from autograder.grading.outcome import Outcome
from autograder.grading.results import CellResult, TestResult
from autograder.reports.rows import rows_of
from autograder.reports.wording import LOOKS
from autograder.text import MAX_TEXT, clean

MAX_LINES = 60

STATUSES = {
    "graded": "",
    "pending": "Not final: some tests wait for a machine that has what they need.",
    "broken": "Not final: a test could not be run. The fault is not yours, and it costs you nothing: "
    "your instructor sees this cell and will look into it.",
}

_BOX = "margin:0.3em 0;padding:0.5em;background-color:#f7f7f7;border-left:3px solid #bbb;white-space:pre-wrap"
_OPENS = {
    # MathJax would turn $\href{…}{…}$ in a message into a link
    "div": '<div class="autograder-feedback tex2jax_ignore mathjax_ignore">',
    "ul": '<ul style="list-style-type:none;padding-left:0">',
    "pre": f'<pre style="{_BOX}">',
    **{name: f"<{name}>" for name in ("p", "b", "i", "li")},
}
_TAG = re.compile("|".join([*map(re.escape, _OPENS.values()), *(f"</{name}>" for name in _OPENS)]))


def few_lines(text: str, lines: int = MAX_LINES) -> str:
    """Cleaned text, cut off after ``lines`` lines."""
    kept = clean(text).expandtabs(4)[:MAX_TEXT].split("\n")
    return "\n".join(kept if len(kept) <= lines else [*kept[:lines], "…"])


def score_output(cell: CellResult) -> NotebookNode:
    """The only output of a grade cell: the points for nbgrader, and the feedback for people."""
    data = {"text/plain": repr(float(cell.points)), "text/html": render(cell)}
    # new_output would validate each output; the whole notebook is validated when it is written
    return from_dict({"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": None})


def render(cell: CellResult) -> str:
    """A grade cell's tests as HTML that is safe in a page."""
    note = STATUSES[cell.status]
    rows = "".join(_row(test) for test in rows_of(cell))
    return (
        f"{_OPENS['div']}"
        f"<p><b>{_points(cell.points)} of {_points(cell.max_points)} points</b> {escape(note)}</p>"
        f"{_OPENS['ul']}{rows}</ul></div>"
    )


def only_scores(html: str) -> bool:
    """Whether HTML has no tags but those of :func:`render`, each closed in its order; then it is as safe as that.

    It takes linear time, so a page can show results of any length as they are.
    """
    still_open: list[str] = []
    for tag in _TAG.findall(html):
        name = tag.strip("</>").partition(" ")[0]
        if tag == _OPENS[name]:
            still_open.append(name)
        elif not still_open or still_open.pop() != name:
            return False
    return html.startswith(_OPENS["div"]) and not still_open and "<" not in _TAG.sub("", html)


def _row(test: TestResult) -> str:
    look = LOOKS[test.outcome]
    points = f"{_points(test.points)} of {_points(test.max_points)}"
    # the message of a broken test is about the grader, which is hidden
    message = few_lines(test.message).strip() if test.outcome not in (Outcome.PASSED, Outcome.BROKEN) else ""
    box = f"{_OPENS['pre']}{escape(message)}</pre>" if message else ""
    title = escape(few_lines(clean(test.title, 200), 1))
    return f"<li>{look.sign} {title} <i>({escape(look.words)}, {points})</i>{box}</li>"


def _points(points: float) -> str:
    return f"{points:g}"
