"""The line about the due date in a release: where it stands, and a text without it.

The line may be another one, or none, in the copy that a student fetched earlier. So whoever compares a submission with
the release compares the texts without it.
"""

from __future__ import annotations

import re

BEGINS, ENDS = "<!-- due date -->", "<!-- end of due date -->"
"""Comments of markdown around the line; Jupyter shows neither."""
_BLOCK = rf"{re.escape(BEGINS)}\n\n([^\n]*)\n\n{re.escape(ENDS)}"
_BELOW_TITLE, _AT_TOP = re.compile(rf"\n\n{_BLOCK}(?=\n|\Z)"), re.compile(rf"\A{_BLOCK}(?:\n\n|\Z)")
_TITLE = re.compile(r"\A#{1,6} [^\n]*")


def due_line(source: str) -> str:
    """The line in a text; empty if there is none."""
    found = _AT_TOP.search(source) or _BELOW_TITLE.search(source)
    return found[1] if found else ""


def without_due_line(source: str) -> str:
    """A text as it is without the line; unchanged if it has none."""
    return _BELOW_TITLE.sub("", _AT_TOP.sub("", source)) if BEGINS in source else source


def with_due_line(source: str, line: str) -> str:
    """A text with this line, and no other one, below its title, or at its top if it has none."""
    source = without_due_line(source)
    block = f"{BEGINS}\n\n{' '.join(line.split())}\n\n{ENDS}"
    title = _TITLE.match(source)
    if title is None:
        return f"{block}\n\n{source}" if source else block
    return f"{title[0]}\n\n{block}{source[title.end() :]}"
